import type { Dialect, Spelt } from './dialect.ts'
import { Sql } from './sql.ts'
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
  postgres: jumping,
  // MariaDB finds no bound of an index in an outer row, and jumps by itself where it groups.
  mariadb({ table: { name }, where, by, first }) {
    const [group, least] = [snake(by), snake(first)]
    const { text, params } = condition(where)
    return new Sql(
      `SELECT ${group}, MIN(${least}) AS ${least} FROM ${name} WHERE ${text} GROUP BY ${group}`,
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

function condition(where: FirstOfEach['where']): Sql {
  return where ? new Sql(`${snake(where.column)} = ?`, [where.value]) : new Sql('1 = 1', [])
}
