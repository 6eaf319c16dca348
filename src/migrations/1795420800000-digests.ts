import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addColumn, column, dropColumn } from '../platform/database/index.ts'

const { nullable, text } = column

/** Routes whose payments are told together from time to time, and which go together. */
export class Digests1795420800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addColumn(runner, 'routes', 'digest', nullable(text(16)))
    await addColumn(runner, 'deliveries', 'digest_id', nullable(text(40)))
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumn(runner, 'deliveries', 'digest_id')
    await dropColumn(runner, 'routes', 'digest')
  }
}
