import type { Dialect } from './dialect.ts'
import { Sql } from './sql.ts'
import { snake, type Table } from './table.ts'

/** True where rows get their number after the commit, by `Db.number`. */
export function numbersLater(dialect: Dialect): boolean {
  return dialect !== 'sqlite'
}

/**
 * Numbers rows that have none yet, at most so many, in the order of their keys, going on from the
 * highest number there is. Two that did this at once would give the same numbers.
 */
export function numbering(table: Table, most: number, dialect: Exclude<Dialect, 'sqlite'>): Sql {
  const { name, description } = table
  const [key] = description.primary.map(snake)
  const sequence = Object.keys(description.columns).find(
    (column) => description.columns[column]?.kind === 'sequence',
  )
  const number = snake(sequence ?? '')
  const numbered = `SELECT ${key}, (SELECT COALESCE(MAX(${number}), 0) FROM ${name})
      + ROW_NUMBER() OVER (ORDER BY ${key}) AS place
    FROM (SELECT ${key} FROM ${name} WHERE ${number} IS NULL ORDER BY ${key} LIMIT ?) AS next`
  // Only MariaDB joins in the head of an UPDATE, and only PostgreSQL has FROM after SET.
  const text = {
    postgres: `UPDATE ${name} SET ${number} = place FROM (${numbered}) AS numbered
      WHERE ${name}.${key} = numbered.${key}`,
    mariadb: `UPDATE ${name} JOIN (${numbered}) AS numbered USING (${key}) SET ${number} = place`,
  }
  return new Sql(text[dialect], [most])
}
