import type { QueryRunner } from 'typeorm'
import { invariant } from '../invariant.ts'
import { join, list, Sql, sql } from './sql.ts'
import { type RowOf, type Shape, snake, type Table } from './table.ts'

/** What a unit of work reads through. Stores take it as their first argument. */
export type Reads = {
  /** Rows of a table, whole; the tail is all that follows FROM. */
  select<S extends Shape>(table: Table<S>, tail: Sql): Promise<RowOf<S>[]>
  /** Rows of a query of its own, read by the shape given. */
  rows<S extends Shape>(shape: S, query: Sql): Promise<RowOf<S>[]>
}

export type Db = Reads & {
  insert<S extends Shape>(table: Table<S>, rows: Written<S>[]): Promise<void>
  /** Adds each row's numbers to the stored ones of the same key; the rows are there already. */
  add<S extends Shape>(table: Table<S>, columns: Added<S>, rows: RowOf<S>[]): Promise<void>
  /** UPDATE and DELETE; how many rows it met. */
  run(statement: Sql): Promise<number>
  /** After the commit, those who listen to the topic are told, in this process and in others. */
  announce(topic: Topic): void
}

/** What one part of Giro may have to hear from another at once. */
export type Topic = 'deliveries' | 'spool'

/** A row as it is written: without what the database generates. */
export type Written<S extends Shape> = {
  [K in keyof S as S[K] extends { generated: true } ? never : K]: RowOf<S>[K]
}

type Added<S extends Shape> = { key: keyof S & string; sums: (keyof S & string)[] }

/** INSERTs come in sizes of powers of two up to this: few enough to keep them all prepared. */
const maxRowsPerInsert = 32

/** The face of one transaction on one query runner. */
export function createDb(runner: QueryRunner, topics: Set<Topic>): Db {
  const query = async (text: string, params: readonly unknown[]) =>
    (await runner.query(text, params as unknown[], true)) as {
      records: Record<string, never>[]
      affected?: number
    }

  const rows: Db['rows'] = async (shape, statement) => {
    const { records } = await query(statement.text, statement.params)
    return records.map(decoder(shape))
  }

  return {
    rows,
    select: (table, tail) =>
      rows(
        table.shape,
        new Sql(`SELECT ${table.columns} FROM ${table.name} ${tail.text}`, tail.params),
      ),
    async insert(table, all) {
      for (const some of chunks(all)) {
        const params = encode(table, some)
        await query(insertText(table, some.length), params)
      }
    },
    async add(table, { key, sums }, all) {
      for (const some of chunks(all)) {
        const statement = addition(table, key, sums, some)
        const { affected } = await query(statement.text, statement.params)
        invariant(affected === some.length, `all rows to add to are in ${table.name}`)
      }
    },
    async run(statement) {
      const { affected } = await query(statement.text, statement.params)
      return affected ?? 0
    },
    announce: (topic) => {
      topics.add(topic)
    },
  }
}

function* chunks<T>(rows: T[]): Generator<T[]> {
  let from = 0
  while (from < rows.length) {
    const size = Math.min(maxRowsPerInsert, 2 ** Math.floor(Math.log2(rows.length - from)))
    yield rows.slice(from, from + size)
    from += size
  }
}

/**
 * OR ROLLBACK: a row that breaks a rule ends the whole unit anyway, and without it SQLite keeps a
 * journal of its own for every statement of many rows.
 */
const insertTexts = new Map<string, string>()

function insertText(table: Table, count: number): string {
  const key = `${table.name} ${count}`
  const known = insertTexts.get(key)
  if (known !== undefined) return known
  const names = codecOf(table).map(([name]) => name)
  const row = `(${names.map(() => '?').join(', ')})`
  const rows = Array(count).fill(row).join(', ')
  const columns = names.map(snake).join(', ')
  const text = `INSERT OR ROLLBACK INTO ${table.name} (${columns}) VALUES ${rows}`
  insertTexts.set(key, text)
  return text
}

/**
 * One UPDATE for many rows. Not INSERT … ON CONFLICT: there a check would judge the difference
 * as if it were the row.
 */
function addition<S extends Shape>(table: Table<S>, key: string, sums: string[], rows: RowOf<S>[]) {
  const sets = sums.map((name) => {
    const whens = rows.map((row) => sql`WHEN ${row[key]} THEN ${row[name]}`)
    const column = new Sql(`${snake(name)} = ${snake(name)} + CASE ${snake(key)} `, [])
    return join([column, ...whens, sql`END`], ' ')
  })
  const head = new Sql(`UPDATE ${table.name} SET `, [])
  const where = new Sql(` WHERE ${snake(key)} IN `, [])
  return join([head, join(sets, ', '), where, list(rows.map((row) => row[key]))], '')
}

type Codec = readonly [name: string, encode: ((value: never) => unknown) | undefined][]

const codecs = new WeakMap<Table, Codec>()

/** The columns that are written, in their order, with what turns their values into SQL's. */
function codecOf(table: Table): Codec {
  let codec = codecs.get(table)
  if (!codec) {
    codec = Object.entries(table.shape)
      .filter(([, { generated }]) => !generated)
      .map(([name, { encode }]) => [name, encode])
    codecs.set(table, codec)
  }
  return codec
}

function encode<S extends Shape>(table: Table<S>, rows: Written<S>[]): unknown[] {
  const codec = codecOf(table as unknown as Table)
  const params: unknown[] = []
  for (const row of rows as Record<string, never>[])
    for (const [name, encodeOne] of codec) {
      const value = row[name]
      invariant(value !== undefined, `${table.name}.${name} is given`)
      params.push(encodeOne ? encodeOne(value) : value)
    }
  return params
}

function decoder<S extends Shape>(shape: S) {
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
