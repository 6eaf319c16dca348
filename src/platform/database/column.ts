import type { Kind } from './column-types.ts'

/**
 * A column: its kind and how a value travels. Databases hand integers out as bigint or as text (so
 * that none is rounded) and take only numbers, bigints, texts and bytes.
 */
export type Column<T> = {
  kind: Kind
  length?: number
  nullable: boolean
  encode?: (value: T) => unknown
  decode?: (stored: never) => T
}

type Given<T> = Omit<Column<T>, 'nullable'>

function column<T>(given: Given<T>): Column<T> {
  return { nullable: false, ...given }
}

/** Text of at most so many characters, compared by its bytes. */
export function text<T extends string = string>(length: number): Column<T> {
  return column<T>({ kind: 'text', length })
}

export function longText(): Column<string> {
  return column<string>({ kind: 'longText' })
}

/** Any size of integer that money needs: minor units, balances. */
export function money(): Column<bigint> {
  return column<bigint>({ kind: 'bigint', decode: (stored: bigint | string) => BigInt(stored) })
}

/** Counts and sizes, which stay far below 2^53. */
export function integer(): Column<number> {
  return column<number>({ kind: 'bigint', decode: (stored: bigint | string) => Number(stored) })
}

/** Milliseconds since 1970 in UTC. */
export const time = integer

export function flag(): Column<boolean> {
  return column<boolean>({
    kind: 'flag',
    encode: (value) => (value ? 1 : 0),
    decode: (stored: bigint | number | boolean) => Boolean(Number(stored)),
  })
}

export function bytes(): Column<Buffer> {
  return column<Buffer>({ kind: 'bytes' })
}

/** How events had their numbers before they came in batches: only migrations still say so. */
export function sequence(): Column<number | null> & { kind: 'sequence' } {
  return { ...nullable(integer()), kind: 'sequence' }
}

export function nullable<T>(inner: Column<T>): Column<T | null> {
  const { encode, decode } = inner
  return {
    kind: inner.kind,
    ...(inner.length === undefined ? {} : { length: inner.length }),
    nullable: true,
    ...(encode && { encode: (value: T | null) => (value === null ? null : encode(value)) }),
    ...(decode && { decode: (stored: never) => (stored === null ? null : decode(stored)) }),
  }
}
