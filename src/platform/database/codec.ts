import { invariant } from '../invariant.ts'
import { type RowOf, type Shape, snake, type Table } from './table.ts'

/** A row as it is written: without what the database numbers by itself. */
export type Written<S extends Shape> = {
  [K in keyof S as S[K] extends { kind: 'sequence' } ? never : K]: RowOf<S>[K]
}

type Codec = readonly WrittenColumn[]

type WrittenColumn = { key: string; name: string; encode?: (value: never) => unknown }

const codecs = { some: new WeakMap<Table, Codec>(), whole: new WeakMap<Table, Codec>() }

/**
 * The columns that are written, in their order, with what turns their values into SQL's. What the
 * database numbers by itself is among them only where rows are written whole.
 */
export function codecOf(table: Table, whole = false): Codec {
  const known = codecs[whole ? 'whole' : 'some']
  let codec = known.get(table)
  if (!codec) {
    codec = Object.entries(table.shape)
      .filter(([, { kind }]) => whole || kind !== 'sequence')
      .map(([key, { encode }]) => ({ key, name: snake(key), ...(encode && { encode }) }))
    known.set(table, codec)
  }
  return codec
}

/** The value of one column of a row, as SQL has it. */
export function encoded(
  table: Table,
  { key, encode }: WrittenColumn,
  row: Record<string, unknown>,
): unknown {
  const value = row[key]
  invariant(value !== undefined, `${table.name}.${key} is given`)
  return encode ? encode(value as never) : value
}

/** Turns what the database answers into a row of the shape. */
export function decoder<S extends Shape>(shape: S) {
  const columns = Object.entries(shape).map(
    ([key, { decode }]) => [key, snake(key), decode] as const,
  )
  return (record: Record<string, never>): RowOf<S> => {
    const row: Record<string, unknown> = {}
    for (const [key, name, decode] of columns) {
      const stored = record[name]
      row[key] = decode ? decode(stored as never) : stored
    }
    return row as RowOf<S>
  }
}
