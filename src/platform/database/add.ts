import { InvariantBroken } from '../invariant.ts'
import { codecOf, encoded } from './codec.ts'
import type { Dialect, Spelt } from './dialect.ts'
import { codeOf } from './failure.ts'
import { arrayType } from './insert.ts'
import { join, list, Sql, sql } from './sql.ts'
import { snake, type Table } from './table.ts'

/** Numbers to be added to the stored ones: `rows` are in the order of their keys, each key once. */
export type Addition = { table: Table; key: string; sums: string[]; rows: Row[] }

type Row = Record<string, unknown>

/**
 * One UPDATE for many rows, which it locks in the order given: units that lock the same rows in
 * the same order never wait for each other crosswise. Not INSERT … ON CONFLICT: there a check would
 * judge the difference as if it were the row.
 */
export function addition(add: Addition, dialect: Dialect): Sql {
  return spelling[dialect](add)
}

const spelling: Spelt<(add: Addition) => Sql> = {
  sqlite: cases,
  // An UPDATE locks in the order of its plan, so the rows are locked first, in order. Where a row
  // is not there it divides by zero, so that nobody has to wait for the count before the commit.
  postgres({ table, key, sums, rows }) {
    const wanted = [key, ...sums]
    const columns = codecOf(table).filter((column) => wanted.includes(column.key))
    const params = columns.map((column) => rows.map((row) => encoded(table, column, row)))
    const given = columns.map((column) => `?::${arrayType(table, column.key)}`).join(', ')
    const names = columns.map(({ name }) => name).join(', ')
    const id = snake(key)
    const sets = sums.map(snake).map((name) => `${name} = stored.${name} + given.${name}`)
    return new Sql(
      `WITH given AS (SELECT * FROM unnest(${given}) AS given (${names})),
      locked AS MATERIALIZED (SELECT stored.${id} FROM ${table.name} AS stored
        WHERE stored.${id} IN (SELECT ${id} FROM given) ORDER BY stored.${id} FOR NO KEY UPDATE),
      added AS (UPDATE ${table.name} AS stored SET ${sets.join(', ')}
        FROM given JOIN locked USING (${id}) WHERE stored.${id} = given.${id} RETURNING 1)
      SELECT 1 / (COUNT(*) = ?)::integer AS there FROM added`,
      [...params, rows.length],
    )
  },
  // IN is looked up in the order of the key, whatever the order of the list.
  mariadb: cases,
}

/** PostgreSQL's way to say that a row to add to is not there. */
const divisionByZero = '22012'

/** Every database says in the same words that a row to add to is not there. */
export function asMissingRow(error: unknown): unknown {
  if (codeOf(error) !== divisionByZero) return error
  return new InvariantBroken(allThere, { cause: error })
}

export const allThere = 'all rows to add to are there'

function cases({ table, key, sums, rows }: Addition): Sql {
  const keys = encodedColumn(table, key, rows)
  const sets = sums.map((name) => {
    const values = encodedColumn(table, name, rows)
    const whens = keys.map((id, i) => sql`WHEN ${id} THEN ${values[i]}`)
    const column = new Sql(`${snake(name)} = ${snake(name)} + CASE ${snake(key)} `, [])
    return join([column, ...whens, sql`END`], ' ')
  })
  const head = new Sql(`UPDATE ${table.name} SET `, [])
  const where = new Sql(` WHERE ${snake(key)} IN `, [])
  return join([head, join(sets, ', '), where, list(keys)], '')
}

function encodedColumn(table: Table, key: string, rows: Row[]): unknown[] {
  const column = codecOf(table).find((one) => one.key === key)
  return column ? rows.map((row) => encoded(table, column, row)) : []
}
