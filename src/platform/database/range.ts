import type { Dialect } from './dialect.ts'
import { join, Sql, sql } from './sql.ts'
import { snake, type Table } from './table.ts'

/** The values of a row's key, in the order of the key. */
export type Key = readonly unknown[]

/** Rows behind one key and up to another, that one included; null is where there is no end. */
export type Range = { after: Key | null; upTo: Key | null }

/** The key of a row, by which its table is read in order. */
export function keyOf({ description }: Table, row: Record<string, unknown>): Key {
  return description.primary.map((name) => row[name])
}

/** The tail of a SELECT of the first rows of a range, in the order of their keys. */
export function firstOf(table: Table, range: Range, most: number, dialect: Dialect): Sql {
  const order = new Sql(table.description.primary.map(snake).join(', '), [])
  return sql`WHERE ${within(table, range, dialect)} ORDER BY ${order} LIMIT ${most}`
}

/** The statement that removes the rows of a range. */
export function removal(table: Table, range: Range, dialect: Dialect): Sql {
  return sql`DELETE FROM ${new Sql(table.name, [])} WHERE ${within(table, range, dialect)}`
}

function within(table: Table, { after, upTo }: Range, dialect: Dialect): Sql {
  const conditions = [
    ...(after ? [compared(table, '>', after, dialect)] : []),
    ...(upTo ? [compared(table, '<=', upTo, dialect)] : []),
  ]
  return conditions.length === 0 ? sql`1 = 1` : join(conditions, ' AND ')
}

type Comparison = '>' | '<='

/**
 * Compares a key of several columns as a whole, so that the index is entered at its place. MariaDB
 * looks into its index only for the same thing said at length.
 */
function compared(table: Table, how: Comparison, key: Key, dialect: Dialect): Sql {
  const names = table.description.primary.map(snake)
  if (dialect === 'mariadb') return atLength(names, how, key)
  const places = names.map(() => '?').join(', ')
  return new Sql(`(${names.join(', ')}) ${how} (${places})`, key)
}

function atLength(names: string[], how: Comparison, key: Key): Sql {
  const ways = names.map((name, i) => {
    const before = names.slice(0, i).map((one) => `${one} = ?`)
    const last = i === names.length - 1 ? how : how[0]
    return new Sql(`(${[...before, `${name} ${last} ?`].join(' AND ')})`, key.slice(0, i + 1))
  })
  const all = join(ways, ' OR ')
  return new Sql(`(${all.text})`, all.params)
}
