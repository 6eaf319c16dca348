import type { MigrationInterface, QueryRunner } from 'typeorm'
import {
  addColumn,
  changeCheck,
  column,
  createTable,
  dropColumn,
} from '../platform/database/index.ts'

const { integer, nullable, text, time } = column

const checks = [
  {
    name: 'ck_deliveries_status',
    from: `status IN ('pending', 'sending', 'delivered', 'failed')`,
    to: `status IN ('pending', 'waiting', 'sending', 'delivered', 'failed', 'parked')`,
  },
  {
    name: 'ck_deliveries_finished',
    from: `(status IN ('delivered', 'failed')) = (finish_date IS NOT NULL)`,
    to: `(status IN ('delivered', 'failed', 'parked')) = (finish_date IS NOT NULL)`,
  },
]

/** Lets a route deliver in the order of the payments: who waits there, and what was parked. */
export class StrictRoutes1795431600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addColumn(runner, 'routes', 'ordering', nullable(text(16)))
    for (const { name, to } of checks) await changeCheck(runner, 'deliveries', name, to)
    await createTable(runner, 'turns', {
      columns: {
        deliveryId: text(40),
        routeId: text(40),
        eventId: text(40),
        dueDate: time(),
        seq: nullable(integer()),
      },
      primary: ['deliveryId'],
      indexes: [
        { name: 'ix_turns_route_id', columns: ['routeId', 'seq'] },
        { name: 'ix_turns_seq', columns: ['seq'], where: 'seq IS NULL' },
      ],
    })
    // Once more is as good as once: MariaDB commits what came before by itself.
    await runner.query(`DELETE FROM leases WHERE name = 'turns'`)
    await runner.query(`INSERT INTO leases (name, holder, end_date) VALUES ('turns', '', 0)`)
  }

  /** What waits is due, and what was parked has failed. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `UPDATE deliveries SET status = 'pending', due_date = create_date WHERE status = 'waiting'`,
    )
    await runner.query(`UPDATE deliveries SET status = 'failed' WHERE status = 'parked'`)
    await runner.query(`DELETE FROM leases WHERE name = 'turns'`)
    await runner.dropTable('turns', true)
    for (const { name, from } of checks) await changeCheck(runner, 'deliveries', name, from)
    await dropColumn(runner, 'routes', 'ordering')
  }
}
