import type { Column } from './column.ts'

// biome-ignore lint/suspicious/noExplicitAny: a shape holds columns of every type
export type Shape = Record<string, Column<any>>

/** What a row of a shape is in code. */
export type RowOf<S extends Shape> = { [K in keyof S]: S[K] extends Column<infer T> ? T : never }

export type Row<T> = T extends Table<infer S> ? RowOf<S> : never

export type Index<S extends Shape> = {
  name: string
  columns: (keyof S & string)[]
  unique?: boolean
  /** Only rows of this condition are in the index, so that the many others cost nothing. */
  where?: string
}

export type Description<S extends Shape> = {
  columns: S
  primary: (keyof S & string)[]
  indexes?: Index<S>[]
  checks?: Record<string, string>
  /** It has rows from the beginning, which a migration has put there. */
  seeded?: boolean
}

export type Table<S extends Shape = Shape> = {
  name: string
  shape: S
  /** The column list of a SELECT, in the order of the shape. */
  columns: string
  description: Description<Shape>
}

/** Describes a table once: for TypeORM, which migrates and compares, and for the codec of rows. */
export function table<const S extends Shape>(name: string, description: Description<S>): Table<S> {
  const shape = description.columns
  const columns = Object.keys(shape).map(snake).join(', ')
  return { name, shape, columns, description: description as unknown as Description<Shape> }
}

/** `paymentBankDate` in code is `payment_bank_date` in the database. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
