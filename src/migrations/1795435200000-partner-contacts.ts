import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addColumn, column, dropColumn } from '../platform/database/index.ts'

const { nullable, text } = column

/** Says whom to write to about a partner's routes. */
export class PartnerContacts1795435200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addColumn(runner, 'partners', 'contact_email', nullable(text(320)))
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumn(runner, 'partners', 'contact_email')
  }
}
