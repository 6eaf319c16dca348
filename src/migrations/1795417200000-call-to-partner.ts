import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addColumn, column, dropColumn } from '../platform/database/index.ts'

const { nullable, text } = column

/** Keeps how far each attempt came. */
export class CallToPartner1795417200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addColumn(runner, 'attempts', 'stage', nullable(text(16)))
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumn(runner, 'attempts', 'stage')
  }
}
