import { codecOf, encoded } from './codec.ts'
import { columnTypes } from './column-types.ts'
import type { Dialect, Spelt } from './dialect.ts'
import { Sql } from './sql.ts'
import type { Table } from './table.ts'

type Rows = Record<string, unknown>[]

/** The statements that write these rows. Their texts are few, so that all of them stay prepared. */
export function insertions(table: Table, rows: Rows, dialect: Dialect): Iterable<Sql> {
  return spelling[dialect](table, rows)
}

const spelling: Spelt<(table: Table, rows: Rows) => Iterable<Sql>> = {
  // OR ROLLBACK: a row that breaks a rule ends the whole unit anyway, and without it SQLite keeps a
  // journal of its own for every statement of many rows.
  sqlite: (table, rows) => manyValues('INSERT OR ROLLBACK', table, rows),
  // One array a column: one text for any number of rows.
  postgres: arrays,
  mariadb: (table, rows) => manyValues('INSERT', table, rows),
}

/** Rows come in powers of two up to this. */
const maxRows = 32

function* manyValues(verb: string, table: Table, rows: Rows): Generator<Sql> {
  const codec = codecOf(table)
  for (let from = 0; from < rows.length; ) {
    const size = Math.min(maxRows, 2 ** Math.floor(Math.log2(rows.length - from)))
    const params: unknown[] = []
    for (let i = from; i < from + size; i += 1)
      for (const column of codec) params.push(encoded(table, column, rows[i] ?? {}))
    yield new Sql(valuesText(verb, table, size), params)
    from += size
  }
}

const texts = new Map<string, string>()

function valuesText(verb: string, table: Table, count: number): string {
  const key = `${table.name} ${count} ${verb}`
  const known = texts.get(key)
  if (known !== undefined) return known
  const names = codecOf(table).map(({ name }) => name)
  const row = `(${names.map(() => '?').join(', ')})`
  const rows = Array(count).fill(row).join(', ')
  const text = `${verb} INTO ${table.name} (${names.join(', ')}) VALUES ${rows}`
  texts.set(key, text)
  return text
}

function* arrays(table: Table, rows: Rows): Generator<Sql> {
  if (rows.length === 0) return
  const codec = codecOf(table)
  const params = codec.map((column) => rows.map((row) => encoded(table, column, row)))
  yield new Sql(arraysText(table), params)
}

function arraysText(table: Table): string {
  const known = texts.get(table.name)
  if (known !== undefined) return known
  const columns = codecOf(table)
  const names = columns.map(({ name }) => name).join(', ')
  const given = columns.map(({ key }) => `?::${arrayType(table, key)}`).join(', ')
  const text = `INSERT INTO ${table.name} (${names}) SELECT * FROM unnest(${given})`
  texts.set(table.name, text)
  return text
}

/** The type of a PostgreSQL array of a column's values. */
export function arrayType(table: Table, key: string): string {
  const kind = table.shape[key]?.kind ?? 'text'
  return `${columnTypes[kind].postgres.type}[]`
}
