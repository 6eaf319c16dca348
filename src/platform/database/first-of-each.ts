import type { Dialect, Spelt } from './dialect.ts'
import { join, Sql, sql } from './sql.ts'
import { snake, type Table } from './table.ts'

/** Rows, or those where a column has a value, one for each `by`: the one with the least `first`. */
export type FirstOfEach = {
  table: Table
  where?: { column: string; value: unknown }
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
  sqlite: jumping,
  postgres: jumpingByRange,
  // MariaDB finds no bound of an index in an outer row, and jumps by itself where it groups by all
  // columns that the index has before the least.
  mariadb({ table: { name }, where, by, first }) {
    const [group, least] = [snake(by), snake(first)]
    const groups = where ? `${snake(where.column)}, ${group}` : group
    const { text, params } = condition(where)
    return new Sql(
      `SELECT ${group}, MIN(${least}) AS ${least} FROM ${name} WHERE ${text} GROUP BY ${groups}`,
      params,
    )
  },
}

function jumping({ table: { name }, where, by, first }: FirstOfEach): Sql {
  const [group, least] = [snake(by), snake(first)]
  const { text, params } = condition(where)
  const there = `FROM ${name} WHERE ${text} AND ${least} IS NOT NULL`
  return new Sql(
    `WITH RECURSIVE jump (place) AS (
      SELECT MIN(${group}) ${there}
      UNION ALL
      SELECT (SELECT MIN(${group}) ${there} AND ${group} > place) FROM jump WHERE place IS NOT NULL
    )
    SELECT place AS ${group}, (SELECT MIN(${least}) ${there} AND ${group} = place) AS ${least}
      FROM jump WHERE place IS NOT NULL`,
    [...params, ...params, ...params],
  )
}

/**
 * As `jumping`. PostgreSQL would find the least of a group along any index that has it in order,
 * and leave out whatever else is there, if it takes the value for a common one; see `along.ts`.
 */
function jumpingByRange({ table: { name }, where, by, first }: FirstOfEach): Sql {
  const [group, least] = [snake(by), snake(first)]
  const head = where ? [snake(where.column)] : []
  const value = where ? [new Sql('?', [where.value])] : []
  const place = new Sql('place', [])
  const ends = (how: string, columns: string[], values: Sql[]) =>
    columns.length === 0
      ? sql`1 = 1`
      : sql`(${new Sql(columns.join(', '), [])}) ${new Sql(how, [])} (${join(values, ', ')})`
  const leastOf = (column: string, columns: string[], bounds: Sql[]) => {
    const [from, order] = [new Sql(name, []), new Sql(columns.join(', '), [])]
    const isThere = new Sql(`${least} IS NOT NULL`, [])
    return sql`(SELECT ${new Sql(column, [])} FROM ${from}
      WHERE ${join([...bounds, isThere], ' AND ')} ORDER BY ${order} LIMIT 1)`
  }
  const groups = [...head, group]
  const within = ends('<=', head, value)
  const start = leastOf(group, groups, [ends('>=', head, value), within])
  const next = leastOf(group, groups, [ends('>', groups, [...value, place]), within])
  const own = ['>=', '<='].map((how) => ends(how, groups, [...value, place]))
  const found = leastOf(least, [...groups, least], own)
  return sql`WITH RECURSIVE jump (place) AS (
      SELECT ${start} UNION ALL SELECT ${next} FROM jump WHERE place IS NOT NULL
    )
    SELECT place AS ${new Sql(group, [])}, ${found} AS ${new Sql(least, [])}
      FROM jump WHERE place IS NOT NULL`
}

function condition(where: FirstOfEach['where']): Sql {
  return where ? new Sql(`${snake(where.column)} = ?`, [where.value]) : new Sql('1 = 1', [])
}
