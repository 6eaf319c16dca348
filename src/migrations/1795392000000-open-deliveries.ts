import type { MigrationInterface, QueryRunner } from 'typeorm'
import { createIndex, dropIndex } from '../platform/database/index.ts'

const where = 'due_date IS NOT NULL'
const dueDate = { name: 'ix_deliveries_due_date', columns: ['dueDate'] }
const open = { name: 'ix_deliveries_open', columns: ['status', 'routeId', 'dueDate'], where }

/** Finds what is due on one route beside millions of others; only open deliveries are indexed. */
export class OpenDeliveries1795392000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await dropIndex(runner, 'deliveries', dueDate.name)
    await createIndex(runner, 'deliveries', { ...dueDate, where })
    await createIndex(runner, 'deliveries', open)
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndex(runner, 'deliveries', open.name)
    await dropIndex(runner, 'deliveries', dueDate.name)
    await createIndex(runner, 'deliveries', dueDate)
  }
}
