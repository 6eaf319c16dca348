import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addColumn, column, createTable, dropColumn } from '../platform/database/index.ts'

const { integer, longText, nullable, text, time } = column

/** Tells people of routes that fail, before these are disabled for it. */
export class Warnings1795438800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addColumn(runner, 'lanes', 'warned', nullable(integer()))
    await createTable(runner, 'warnings', {
      columns: {
        id: text(40),
        recipient: text(16),
        routeId: text(40),
        accountId: text(255),
        contactPath: longText(),
        share: integer(),
        failingSince: nullable(time()),
        reason: nullable(longText()),
        createDate: time(),
        dueDate: nullable(time()),
      },
      primary: ['id'],
      indexes: [
        { name: 'ix_warnings_due_date', columns: ['dueDate'], where: 'due_date IS NOT NULL' },
      ],
      checks: {
        ck_warnings_recipient: `recipient IN ('operator', 'contact')`,
        ck_warnings_share: 'share IN (50, 75, 100)',
      },
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('warnings', true)
    await dropColumn(runner, 'lanes', 'warned')
  }
}
