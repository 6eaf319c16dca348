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
  const { where, above, below, also = [], order, most } = wanted
  const next = snake(wanted.next ?? table.description.primary[0] ?? '')
  const values = Object.entries(where).filter(([, value]) => value !== undefined)
  const equals = values.map(([name, value], i) => {
    const column = snake(name)
    return new Sql(i === 0 ? leading(column, '?', dialect) : `${column} = ?`, [value])
  })
  const bounds = [
    ...(above === undefined ? [] : [new Sql(`${next} > ?`, [above])]),
    ...(below === undefined ? [] : [new Sql(`${next} < ?`, [below])]),
  ]
  const all = [...equals, ...bounds, ...also]
  const direction = order === 'newest first' ? 'DESC' : 'ASC'
  const columns = [...values.slice(0, 1).map(([name]) => snake(name)), next]
  const by = new Sql(columns.map((column) => `${column} ${direction}`).join(', '), [])
  const conditions = all.length === 0 ? sql`1 = 1` : join(all, ' AND ')
  return sql`WHERE ${conditions} ORDER BY ${by} LIMIT ${most}`
}
