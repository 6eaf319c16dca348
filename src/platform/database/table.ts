import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm'
import type { Column } from './column.ts'

// biome-ignore lint/suspicious/noExplicitAny: a shape holds columns of every type
export type Shape = Record<string, Column<any>>

/** What a row of a shape is in code; generated columns are read, never written. */
export type RowOf<S extends Shape> = { [K in keyof S]: S[K] extends Column<infer T> ? T : never }

export type Row<T> = T extends Table<infer S> ? RowOf<S> : never

export type Index<S extends Shape> = {
  name: string
  columns: (keyof S & string)[]
  unique?: boolean
  /** Only rows of this condition are in the index, so that the many others cost nothing. */
  where?: string
}

export type Table<S extends Shape = Shape> = {
  name: string
  shape: S
  /** The column list of a SELECT, in the order of the shape. */
  columns: string
  entity: EntitySchema
}

export type Description<S extends Shape> = {
  columns: S
  primary: (keyof S & string)[]
  indexes?: Index<S>[]
  checks?: Record<string, string>
  /** SQLite: keep rows in the primary key's own tree; pays for short rows that are read by key. */
  keyed?: boolean
}

/** Describes a table once: TypeORM's entity for migrations and tools, and the codec of its rows. */
export function table<const S extends Shape>(name: string, description: Description<S>): Table<S> {
  const { columns: shape, primary, indexes = [], checks = {}, keyed = false } = description
  const entity = new EntitySchema({
    name,
    tableName: name,
    withoutRowid: keyed,
    columns: Object.fromEntries(
      Object.entries(shape).map(([key, kind]) => [key, entityColumn(name, key, kind, primary)]),
    ),
    indices: indexes.map((index) => ({ unique: false, ...index })),
    checks: Object.entries(checks).map(([check, expression]) => ({ name: check, expression })),
  })
  return { name, shape, columns: Object.keys(shape).map(snake).join(', '), entity }
}

/** `paymentBankDate` in code is `payment_bank_date` in the database. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function entityColumn(
  table: string,
  key: string,
  kind: Column<unknown>,
  primary: string[],
): EntitySchemaColumnOptions {
  return {
    name: snake(key),
    type: kind.type,
    nullable: kind.nullable,
    ...(kind.length === undefined ? {} : { length: kind.length }),
    ...(kind.generated ? { generated: 'increment' as const } : {}),
    ...(primary.includes(key) ? { primary: true, primaryKeyConstraintName: `pk_${table}` } : {}),
  }
}
