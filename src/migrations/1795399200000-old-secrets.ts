import type { MigrationInterface, QueryRunner } from 'typeorm'
import { column, createTable } from '../platform/database/index.ts'

const { longText, text, time } = column

/** Keeps the secret that a route had before, until partners have put in the new one. */
export class OldSecrets1795399200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'old_secrets', {
      columns: { id: text(40), routeId: text(40), secret: longText(), endDate: time() },
      primary: ['id'],
      indexes: [
        { name: 'ix_old_secrets_route_id', columns: ['routeId', 'id'] },
        { name: 'ix_old_secrets_end_date', columns: ['endDate'] },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('old_secrets', true)
  }
}
