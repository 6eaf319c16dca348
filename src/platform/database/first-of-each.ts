import type { Dialect, Spelt } from './dialect.ts'
import { leading } from './leading.ts'
import { Sql } from './sql.ts'
import { snake, type Table } from './table.ts'

/** Rows, or those where a column has a value, one for each `by`: the one with the least `first`. */
export type FirstOfEach = {
  table: Table
  where?: { column: string; value: string }
  by: string
  first: string
}

/**
 * A query of `by` and `first` that jumps from one `by` to the next, so that it costs as much as
 * there are groups, whatever the number of rows. It wants an index of the three columns in this
 * order, which may leave out rows without `first`.
 */
export function firstOfEach(wanted: FirstOfEach, dialect: Dialect): Sql {
  return spelling[dialect](wanted)
}

const spelling: Spelt<(wanted: FirstOfEach) => Sql> = {
  sqlite: (wanted) => jumping(wanted, 'sqlite'),
  postgres: (wanted) => jumping(wanted, 'postgres'),
  // MariaDB finds no bound of an index in an outer row, and jumps by itself where it groups by all
  // columns that the index has before the least.
  mariadb({ table: { name }, where, by, first }) {
    const [group, least] = [snake(by), snake(first)]
    const condition = where ? `${snake(where.column)} = ?` : '1 = 1'
    const groups = where ? `${snake(where.column)}, ${group}` : group
    return new Sql(
      `SELECT ${group}, MIN(${least}) AS ${least} FROM ${name} WHERE ${condition}
        GROUP BY ${groups}`,
      where ? [where.value] : [],
    )
  },
}

function jumping({ table: { name }, where, by, first }: FirstOfEach, dialect: Dialect): Sql {
  const [group, least] = [snake(by), snake(first)]
  const head = where ? [snake(where.column)] : []
  const given = head.map((column) => leading(column, '?', dialect))
  const place = where ? `${group} = place` : leading(group, 'place', dialect)
  const find = (column: string, conditions: string[], order: string[]) =>
    `SELECT ${column} FROM ${name} WHERE ${[...conditions, `${least} IS NOT NULL`].join(' AND ')}
      ORDER BY ${order.join(', ')} LIMIT 1`
  const groups = [...head, group]
  return new Sql(
    `WITH RECURSIVE jump (place) AS (
      SELECT (${find(group, given, groups)})
      UNION ALL
      SELECT (${find(group, [...given, `${group} > place`], groups)})
        FROM jump WHERE place IS NOT NULL
    )
    SELECT place AS ${group}, (${find(least, [...given, place], [...groups, least])}) AS ${least}
      FROM jump WHERE place IS NOT NULL`,
    where ? [where.value, where.value, where.value] : [],
  )
}
