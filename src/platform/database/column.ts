import type { ColumnType } from 'typeorm'

/**
 * A kind of column: its SQL type and how a value travels. The database hands integers out as
 * bigint (so that none is rounded) and takes only numbers, bigints, texts and bytes.
 */
export type Column<T> = {
  type: ColumnType
  length?: number
  nullable: boolean
  generated: boolean
  encode?: (value: T) => unknown
  decode?: (stored: never) => T
}

type Kind<T> = Omit<Column<T>, 'nullable' | 'generated'>

function column<T>(kind: Kind<T>): Column<T> {
  return { nullable: false, generated: false, ...kind }
}

/** Text of at most so many characters, compared by its bytes. */
export function text<T extends string = string>(length: number): Column<T> {
  return column<T>({ type: 'varchar', length })
}

export function longText(): Column<string> {
  return column<string>({ type: 'text' })
}

/** Any size of integer that money needs: minor units, balances. */
export function money(): Column<bigint> {
  return column<bigint>({ type: 'bigint', decode: (stored: bigint) => BigInt(stored) })
}

/** Counts and sizes, which stay far below 2^53. */
export function integer(): Column<number> {
  return column<number>({ type: 'bigint', decode: (stored: bigint) => Number(stored) })
}

/** Milliseconds since 1970 in UTC. */
export const time = integer

export function flag(): Column<boolean> {
  return column<boolean>({
    type: 'boolean',
    encode: (value) => (value ? 1 : 0),
    decode: (stored: bigint) => BigInt(stored) === 1n,
  })
}

export function bytes(): Column<Buffer> {
  return column<Buffer>({ type: 'blob' })
}

/** The database numbers the rows itself, in the order in which they are written. */
export function sequence(): Column<number> & { generated: true } {
  return { ...integer(), type: 'integer', generated: true }
}

export function nullable<T>(inner: Column<T>): Column<T | null> {
  const { encode, decode } = inner
  return {
    type: inner.type,
    ...(inner.length === undefined ? {} : { length: inner.length }),
    nullable: true,
    generated: inner.generated,
    ...(encode && { encode: (value: T | null) => (value === null ? null : encode(value)) }),
    ...(decode && { decode: (stored: never) => (stored === null ? null : decode(stored)) }),
  }
}
