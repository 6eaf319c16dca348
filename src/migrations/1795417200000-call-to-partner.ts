import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addColumn, column, dropColumn } from '../platform/database/index.ts'

const { longText, nullable, text } = column

/** Keeps how Giro proves to a partner who it is, and how far each attempt came. */
export class CallToPartner1795417200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addColumn(runner, 'routes', 'auth', nullable(longText()))
    await addColumn(runner, 'routes', 'client_certificate', nullable(longText()))
    await addColumn(runner, 'attempts', 'stage', nullable(text(16)))
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumn(runner, 'attempts', 'stage')
    await dropColumn(runner, 'routes', 'client_certificate')
    await dropColumn(runner, 'routes', 'auth')
  }
}
