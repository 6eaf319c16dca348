import type { QueryRunner } from 'typeorm'
import type { Column } from './column.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { layout } from './layout.ts'

/**
 * Adds a column to a table that is there; it is nullable, since its rows have nothing to put there.
 * Safe to repeat, since MariaDB commits each by itself.
 */
export async function addColumn(
  runner: QueryRunner,
  table: string,
  key: string,
  column: Column<string | null> | Column<number | null>,
): Promise<void> {
  const dialect = dialectOf(runner.dataSource)
  const { columns } = layout(table, { columns: { [key]: column }, primary: [] }, dialect)
  const repeatable = dialect === 'sqlite' ? '' : 'IF NOT EXISTS'
  for (const one of columns)
    await runner.query(`ALTER TABLE ${table} ADD COLUMN ${repeatable} ${declared(one, dialect)}`)
}

export async function dropColumn(runner: QueryRunner, table: string, name: string): Promise<void> {
  const repeatable = dialectOf(runner.dataSource) === 'sqlite' ? '' : 'IF EXISTS'
  await runner.query(`ALTER TABLE ${table} DROP COLUMN ${repeatable} ${name}`)
}

type LaidColumn = ReturnType<typeof layout>['columns'][number]

function declared({ name, type, length, charset, collation }: LaidColumn, dialect: Dialect) {
  const size = length === undefined ? '' : `(${length})`
  const letters = charset === undefined ? '' : ` CHARACTER SET ${charset}`
  const quote = dialect === 'postgres' ? '"' : ''
  const order = collation === undefined ? '' : ` COLLATE ${quote}${collation}${quote}`
  return `${name} ${type}${size}${letters}${order}`
}
