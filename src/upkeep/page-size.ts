import type { Table } from '../platform/database/index.ts'

/** So many rows are read at once: with bodies in them, each of which may have a mebibyte, fewer. */
export function pageSize({ shape }: Table): number {
  return Object.values(shape).some(({ kind }) => kind === 'bytes') ? 64 : 1000
}

/** A server takes no statement beyond 16 MiB; text may have three bytes a character. */
const mostUnits = 4 * 1024 * 1024

/** Rows in the portions in which a statement may write them. */
export function* portions<T extends Record<string, unknown>>(rows: T[]): Generator<T[]> {
  let some: T[] = []
  let units = 0
  for (const row of rows) {
    const size = unitsOf(row)
    if (some.length > 0 && units + size > mostUnits) {
      yield some
      some = []
      units = 0
    }
    some.push(row)
    units += size
  }
  if (some.length > 0) yield some
}

function unitsOf(row: Record<string, unknown>): number {
  let units = 0
  for (const value of Object.values(row))
    units += typeof value === 'string' || Buffer.isBuffer(value) ? value.length : 8
  return units
}
