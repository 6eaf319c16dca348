import type { MigrationInterface, QueryRunner } from 'typeorm'
import { changeCheck, column, createTable } from '../platform/database/index.ts'

const { nullable, text, time } = column

const check = 'ck_routes_notify_method'

/** Lets routes tell by SMS, and keeps what providers call the messages and report of them. */
export class Sms1795424400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await changeCheck(runner, 'routes', check, `notify_method IN ('api', 'email', 'sms')`)
    await createTable(runner, 'sms_messages', {
      columns: {
        id: text(160),
        deliveryId: nullable(text(40)),
        createDate: time(),
        reportStatus: nullable(text(16)),
        reportDetail: nullable(text(255)),
        reportDate: nullable(time()),
      },
      primary: ['id'],
      indexes: [{ name: 'ix_sms_messages_delivery_id', columns: ['deliveryId', 'createDate'] }],
      checks: {
        ck_sms_messages_status: `report_status IN ('sent', 'failed', 'delivered')`,
        ck_sms_messages_report: '(report_status IS NULL) = (report_date IS NULL)',
      },
    })
    // Once more is as good as once: MariaDB commits what came before by itself.
    await this.takeTotals(runner)
    await runner.query(
      `INSERT INTO attempt_totals (id, notify_method, result, count)
        VALUES ('sms delivered', 'sms', 'delivered', 0), ('sms failed', 'sms', 'failed', 0)`,
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await this.takeTotals(runner)
    await runner.dropTable('sms_messages', true)
    await changeCheck(runner, 'routes', check, `notify_method IN ('api', 'email')`)
  }

  private async takeTotals(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM attempt_totals WHERE notify_method = 'sms'`)
  }
}
