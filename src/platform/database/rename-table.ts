import type { QueryRunner } from 'typeorm'
import { dialectOf } from './dialect.ts'

/** Puts a table aside, so that one of another shape can be created under its name. */
export async function renameTable(runner: QueryRunner, from: string, to: string): Promise<void> {
  await runner.query(`ALTER TABLE ${from} RENAME TO ${to}`)
  // Only PostgreSQL has names of keys that are unique in the whole schema.
  if (dialectOf(runner.dataSource) === 'postgres')
    await runner.query(`ALTER TABLE ${to} RENAME CONSTRAINT pk_${from} TO pk_${to}`)
}
