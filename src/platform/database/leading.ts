import type { Dialect } from './dialect.ts'

/**
 * That the first column of an index has a value, in a query that also has this column first in its
 * ORDER BY. Written as an equality, PostgreSQL leaves the column out of the order, and where it
 * takes a rare value for a common one it goes along another index that has the rest of the order,
 * to leave out nearly all rows. Written as one of a list, only the right index will do.
 */
export function leading(column: string, value: string, dialect: Dialect): string {
  return dialect === 'postgres' ? `${column} = ANY(ARRAY[${value}])` : `${column} = ${value}`
}
