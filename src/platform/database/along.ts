import type { Dialect } from './dialect.ts'
import { join, Sql, sql } from './sql.ts'
import { snake, type Table } from './table.ts'

/** Rows along their ids, so many at most. */
export type Along = {
  /**
   * Columns and the values that they have; what is undefined is not asked for. The first that is
   * has an index with the id behind it, along which it goes.
   */
  where: Record<string, string | undefined>
  /** What else is true of them. */
  also?: Sql[]
  /** Ids between which they are, without these. */
  above?: string | undefined
  below?: string | undefined
  order: 'newest first' | 'oldest first'
  most: number
}

/** An index, of which the id is the last column, and what it is entered by. */
type Path = { columns: string[]; bounds: Sql[] }

/**
 * The tail of a SELECT that goes over as many rows as it finds where nothing is asked for beside
 * the first column.
 */
export function along(table: Table, wanted: Along, dialect: Dialect): Sql {
  const { where, also = [], order, most } = wanted
  const id = snake(table.description.primary[0] ?? '')
  const equals = Object.entries(where).flatMap(([column, value]) =>
    value === undefined ? [] : [{ column: snake(column), value }],
  )
  const [first, ...others] = equals
  const path = dialect === 'postgres' && first ? byBoth(first, id, wanted) : byId(first, id, wanted)
  const conditions = [...path.bounds, ...others.map(equal), ...also]
  const direction = order === 'newest first' ? 'DESC' : 'ASC'
  const by = new Sql(path.columns.map((column) => `${column} ${direction}`).join(', '), [])
  const all = conditions.length === 0 ? sql`1 = 1` : join(conditions, ' AND ')
  return sql`WHERE ${all} ORDER BY ${by} LIMIT ${most}`
}

type Equal = { column: string; value: string }

const equal = ({ column, value }: Equal) => new Sql(`${column} = ?`, [value])

function byId(first: Equal | undefined, id: string, { above, below }: Along): Path {
  const bounds = first ? [equal(first)] : []
  if (above !== undefined) bounds.push(new Sql(`${id} > ?`, [above]))
  if (below !== undefined) bounds.push(new Sql(`${id} < ?`, [below]))
  return { columns: [id], bounds }
}

/**
 * PostgreSQL guesses how rare a value is. Where it takes a rare one for a common one it goes along
 * the ids of all rows, to leave out nearly all. So it is asked for a range of both columns in the
 * order of both, which it finds by their index alone.
 */
function byBoth({ column, value }: Equal, id: string, { above, below }: Along): Path {
  const both = `(${column}, ${id})`
  const least =
    above === undefined
      ? new Sql(`${column} >= ?`, [value])
      : new Sql(`${both} > (?, ?)`, [value, above])
  const most =
    below === undefined
      ? new Sql(`${column} <= ?`, [value])
      : new Sql(`${both} < (?, ?)`, [value, below])
  return { columns: [column, id], bounds: [least, most] }
}
