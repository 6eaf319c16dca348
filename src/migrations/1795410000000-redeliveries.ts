import type { MigrationInterface, QueryRunner } from 'typeorm'
import { column, createTable } from '../platform/database/index.ts'

const { integer, longText, nullable, text, time } = column

/** Deliveries made again by the thousand: what was asked for, and how far it is. */
export class Redeliveries1795410000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'redeliveries', {
      columns: {
        id: text(40),
        kind: text(16),
        status: text(16),
        accountId: nullable(text(255)),
        routeId: nullable(text(40)),
        bank: nullable(text(64)),
        deliveryStatus: nullable(text(16)),
        fromDate: nullable(time()),
        toDate: nullable(time()),
        place: text(40),
        looked: integer(),
        handedOut: integer(),
        waiting: longText(),
        createDate: time(),
        finishDate: nullable(time()),
      },
      primary: ['id'],
      indexes: [{ name: 'ix_redeliveries_status', columns: ['status', 'id'] }],
      checks: {
        ck_redeliveries_kind: `kind IN ('again', 'replay')`,
        ck_redeliveries_status: `status IN ('running', 'done', 'canceled')`,
        ck_redeliveries_finished: `(status = 'running') = (finish_date IS NULL)`,
        ck_redeliveries_counts: 'handed_out >= 0 AND looked >= handed_out',
      },
    })
    // Once more is as good as once: MariaDB commits what came before by itself.
    await runner.query(`DELETE FROM leases WHERE name = 'redelivery'`)
    await runner.query(`INSERT INTO leases (name, holder, end_date) VALUES ('redelivery', '', 0)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM leases WHERE name = 'redelivery'`)
    await runner.dropTable('redeliveries', true)
  }
}
