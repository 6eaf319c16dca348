import { type QueryRunner, TableIndex } from 'typeorm'
import { dialectOf } from './dialect.ts'
import { type Index, type Shape, snake } from './table.ts'

/** Adds an index to a table that is there. Safe to repeat, since MariaDB commits each by itself. */
export async function createIndex(
  runner: QueryRunner,
  table: string,
  { name, columns, unique = false, where }: Index<Shape>,
): Promise<void> {
  const columnNames = columns.map(snake)
  if (dialectOf(runner.dataSource) === 'mariadb') {
    const kind = unique ? 'UNIQUE INDEX' : 'INDEX'
    await runner.query(`CREATE ${kind} IF NOT EXISTS ${name} ON ${table} (${columnNames})`)
    return
  }
  const condition = where === undefined ? {} : { where }
  const index = new TableIndex({ name, columnNames, isUnique: unique, ...condition })
  await runner.createIndex(table, index)
}

export async function dropIndex(runner: QueryRunner, table: string, name: string): Promise<void> {
  const on = dialectOf(runner.dataSource) === 'mariadb' ? ` ON ${table}` : ''
  await runner.query(`DROP INDEX IF EXISTS ${name}${on}`)
}
