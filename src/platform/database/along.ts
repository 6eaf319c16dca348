import type { Dialect } from './dialect.ts'
import { join, Sql, sql } from './sql.ts'
import { snake, type Table } from './table.ts'

/** Rows in the order of an index, so many at most. */
export type Along = {
  /** Columns and the values that they have; what is undefined is not asked for. */
  where: Record<string, string | undefined>
  /** How many of these the index has first: by default one, if that many are asked for. */
  first?: number
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

/** The end of a SELECT that goes over no more rows than it finds, but for what is true of them. */
export function along(table: Table, wanted: Along, dialect: Dialect): Sql {
  const { where, first = 1, next = table.description.primary[0] ?? '', also = [] } = wanted
  const values = Object.entries(where).filter(([, value]) => value !== undefined)
  const equals = values.map(([column, value]): Equal => ({ column: snake(column), value }))
  const [head, rest] = [equals.slice(0, first), equals.slice(first)]
  const path =
    dialect === 'postgres' && head.length > 0
      ? asRange(head, snake(next), wanted)
      : asEquals(head, snake(next), wanted)
  const conditions = [...path.bounds, ...rest.map(equal), ...also]
  const direction = wanted.order === 'newest first' ? 'DESC' : 'ASC'
  const order = new Sql(path.columns.map((column) => `${column} ${direction}`).join(', '), [])
  const all = conditions.length === 0 ? sql`1 = 1` : join(conditions, ' AND ')
  return sql`WHERE ${all} ORDER BY ${order} LIMIT ${wanted.most}`
}

type Equal = { column: string; value: unknown }

const equal = ({ column, value }: Equal) => new Sql(`${column} = ?`, [value])

/** How an index is entered, and the order in which it is gone along. */
type Path = { bounds: Sql[]; columns: string[] }

function asEquals(head: Equal[], next: string, { above, below }: Along): Path {
  const bounds = head.map(equal)
  if (above !== undefined) bounds.push(new Sql(`${next} > ?`, [above]))
  if (below !== undefined) bounds.push(new Sql(`${next} < ?`, [below]))
  return { bounds, columns: [next] }
}

/**
 * PostgreSQL guesses how rare a value is. Where it takes a rare one for a common one, it goes along
 * another index that has the order, to leave out nearly all rows. So it is asked for a range of all
 * columns in the order of all, which no other index has.
 */
function asRange(head: Equal[], next: string, { above, below }: Along): Path {
  const columns = head.map(({ column }) => column)
  const values = head.map(({ value }) => value)
  const compared = (how: '>' | '<', bound: unknown) =>
    bound === undefined
      ? row(columns, `${how}=`, values)
      : row([...columns, next], how, [...values, bound])
  return { bounds: [compared('>', above), compared('<', below)], columns: [...columns, next] }
}

function row(columns: string[], how: string, values: unknown[]): Sql {
  return new Sql(`(${columns.join(', ')}) ${how} (${columns.map(() => '?').join(', ')})`, values)
}
