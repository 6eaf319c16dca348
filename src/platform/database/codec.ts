import { invariant } from '../invariant.ts'
import { type RowOf, type Shape, snake, type Table } from './table.ts'

type Codec = readonly WrittenColumn[]

type WrittenColumn = { key: string; name: string; encode?: (value: never) => unknown }

const codecs = new WeakMap<Table, Codec>()

/** The columns in their order, with what turns their values into SQL's. */
export function codecOf(table: Table): Codec {
  let codec = codecs.get(table)
  if (!codec) {
    codec = Object.entries(table.shape).map(([key, { encode }]) => ({
      key,
      name: snake(key),
      ...(encode && { encode }),
    }))
    codecs.set(table, codec)
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
