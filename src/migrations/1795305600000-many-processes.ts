import type { MigrationInterface, QueryRunner } from 'typeorm'
import { column, createTable, seed } from '../platform/database/index.ts'

const { longText, text, time } = column

/** What several processes on one database need: work that one does at a time, and one key. */
export class ManyProcesses1795305600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'leases', {
      columns: { name: text(40), holder: text(40), endDate: time() },
      primary: ['name'],
    })
    await createTable(runner, 'facts', {
      columns: { name: text(40), value: longText() },
      primary: ['name'],
    })
    await seed(runner, 'leases', 'name, holder, end_date', [`'event numbers', '', 0`])
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['facts', 'leases']) await runner.dropTable(name, true)
  }
}
