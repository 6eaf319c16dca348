import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addColumn, column, dropColumn } from '../platform/database/index.ts'

const { longText, nullable } = column

/** Keeps what partners want in the headers of their webhooks. */
export class RouteHeaders1795406400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addColumn(runner, 'routes', 'headers', nullable(longText()))
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumn(runner, 'routes', 'headers')
  }
}
