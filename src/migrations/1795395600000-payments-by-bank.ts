import type { MigrationInterface, QueryRunner } from 'typeorm'
import { createIndex, dropIndex } from '../platform/database/index.ts'

const bank = { name: 'ix_payments_bank', columns: ['bank', 'id'] }

/** Lists the payments of a bank that sends few beside one that sends millions. */
export class PaymentsByBank1795395600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createIndex(runner, 'payments', bank)
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndex(runner, 'payments', bank.name)
  }
}
