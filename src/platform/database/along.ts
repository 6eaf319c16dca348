import type { Dialect } from './dialect.ts'
import { leading } from './leading.ts'
import { join, Sql, sql } from './sql.ts'
import { snake, type Table } from './table.ts'

/** Rows in the order of an index, so many at most. */
export type Along = {
  /**
   * Columns and the values that they have; what is undefined is not asked for. The index begins
   * with the first that is.
   */
  where: Record<string, string | undefined>
  /** The column that the index has next, along which it goes: by default the id. */
  next?: string
  /** Values of that column between which the rows are, without these. */
  above?: string | number | undefined
  below?: string | number | undefined
  /** What else is true of them. */
  also?: Sql[]
  order: 'newest first' | 'oldest first'
  most: number
}

/** The end of a SELECT that goes over as many rows as it finds, but for what the index has not. */
export function along(table: Table, wanted: Along, dialect: Dialect): Sql {
  const { where, also = [], order, most } = wanted
  const next = snake(wanted.next ?? table.description.primary[0] ?? '')
  const values = Object.entries(where).filter(([, value]) => value !== undefined)
  const [first, ...others] = values.map(([name, value]) => ({ column: snake(name), value }))
  const equals = others.map(({ column, value }) => new Sql(`${column} = ?`, [value]))
  const conditions = [...entry(first, next, wanted, dialect), ...equals, ...also]
  const direction = order === 'newest first' ? 'DESC' : 'ASC'
  const columns = first ? [first.column, next] : [next]
  const by = new Sql(columns.map((column) => `${column} ${direction}`).join(', '), [])
  const all = conditions.length === 0 ? sql`1 = 1` : join(conditions, ' AND ')
  return sql`WHERE ${all} ORDER BY ${by} LIMIT ${most}`
}

type First = { column: string; value: unknown } | undefined

/**
 * Where the index is entered and left. PostgreSQL takes what is between two values of a column for
 * little, and would go over all of it along an index of that column alone; between two pairs only
 * the right index will do.
 */
function entry(first: First, next: string, { above, below }: Along, dialect: Dialect): Sql[] {
  const isBetween = above !== undefined && below !== undefined
  if (dialect === 'postgres' && first && isBetween) {
    const pair = `(${first.column}, ${next})`
    return [
      new Sql(`${pair} > (?, ?)`, [first.value, above]),
      new Sql(`${pair} < (?, ?)`, [first.value, below]),
    ]
  }
  return [
    ...(first ? [new Sql(leading(first.column, '?', dialect), [first.value])] : []),
    ...(above === undefined ? [] : [new Sql(`${next} > ?`, [above])]),
    ...(below === undefined ? [] : [new Sql(`${next} < ?`, [below])]),
  ]
}
