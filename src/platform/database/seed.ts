import type { QueryRunner } from 'typeorm'

/** Rows that are there from the beginning; a migration that is run again adds no second ones. */
export async function seed(
  runner: QueryRunner,
  table: string,
  columns: string,
  rows: string[],
): Promise<void> {
  const [counted] = await runner.query(`SELECT COUNT(*) AS count FROM ${table}`)
  if (Number(counted.count) > 0) return
  const values = rows.map((row) => `(${row})`).join(', ')
  await runner.query(`INSERT INTO ${table} (${columns}) VALUES ${values}`)
}
