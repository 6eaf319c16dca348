import { isOwnId } from '../id.ts'
import { invariant } from '../invariant.ts'
import { addition, allThere } from './add.ts'
import { createAdditions } from './additions.ts'
import { type Along, along } from './along.ts'
import { decoder } from './codec.ts'
import { commitsOverlap, type Dialect, type Spelt } from './dialect.ts'
import { type FirstOfEach, firstOfEach } from './first-of-each.ts'
import { insertions } from './insert.ts'
import { firstOf, type Range, removal } from './range.ts'
import type { Session } from './session.ts'
import { Sql } from './sql.ts'
import { type RowOf, type Shape, snake, type Table } from './table.ts'

/** What a unit of work reads through. Stores take it as their first argument. */
export type Reads = {
  /** Rows of a table, whole; the tail is all that follows FROM. */
  select<S extends Shape>(table: Table<S>, tail: Sql): Promise<RowOf<S>[]>
  /** Rows of a query of its own, read by the shape given. */
  rows<S extends Shape>(shape: S, query: Sql): Promise<RowOf<S>[]>
  /** The first rows of a range of keys, at most so many, in the order of their keys. */
  page<S extends Shape>(table: Table<S>, range: Range, most: number): Promise<RowOf<S>[]>
  /** The end of a SELECT of the rows where columns have certain values, along their ids. */
  along(table: Table, wanted: Along): Sql
  /** A query to read from: of each group of rows the first, at the cost of a lookup a group. */
  firstOfEach(wanted: FirstOfEach): Sql
}

/** What the rows of a SELECT are read for, where other processes may want them meanwhile. */
export type Purpose =
  /** Nobody else changes them before this unit ends. */
  | 'change'
  /** As `change`, but rows that another unit holds are left out rather than waited for. */
  | 'claim'
  /** What is written refers to them: nobody removes them before this unit ends. */
  | 'refer'
  /** They are removed unless something refers to them, which nothing does before this unit ends. */
  | 'remove'

export type Db = Reads & {
  /** The end of a SELECT that holds its rows until the unit ends. */
  held(purpose: Purpose): Sql
  insert<S extends Shape>(table: Table<S>, rows: RowOf<S>[]): Promise<void>
  /** Removes the rows of a range of keys. */
  removeRange(table: Table, range: Range): Promise<void>
  /**
   * Adds each row's numbers to the stored ones of the same key; the rows are there already. It is
   * done at the end of the unit, or before the unit reads again: rows that everybody wants are
   * locked for the shortest time, and in one order.
   */
  add<S extends Shape>(table: Table<S>, columns: Added<S>, rows: RowOf<S>[]): Promise<void>
  /** UPDATE and DELETE; how many rows it met. */
  run(statement: Sql): Promise<number>
  /** As `run`, where nobody needs to know how many; not waited for where statements go ahead. */
  send(statement: Sql): Promise<void>
  /** As that of the database. */
  commitsOverlap: boolean
  /**
   * Says what finds a row that is as this unit leaves it. A unit that inserts is found by its first
   * row; one that only changes rows would otherwise be repeated where its commit is unknown.
   */
  foundBy(query: Sql): void
  /** After the commit, those who listen to the topic are told, in this process and in others. */
  announce(topic: Topic): void
}

/** What one part of Giro may have to hear from another at once. */
export type Topic = 'deliveries' | 'events' | 'numbers' | 'spool' | 'turns'

type Added<S extends Shape> = { key: keyof S & string; sums: (keyof S & string)[] }

/** What a unit did, for the door that opened it. */
export type Unit = {
  db: Db
  topics: Set<Topic>
  /**
   * Finds a row that it wrote, by which it can be seen later whether the unit was committed: the
   * first under an id of its own. A key that others may write, as an account's, would tell nothing.
   */
  mark(): Sql | undefined
  /** Does what was put off. */
  finish(): Promise<void>
}

/** SQLite has one writer at a time, before whom nobody changes anything. */
const holding: Record<Purpose, Spelt> = {
  change: { sqlite: '', postgres: 'FOR NO KEY UPDATE', mariadb: 'FOR UPDATE' },
  claim: {
    sqlite: '',
    postgres: 'FOR NO KEY UPDATE SKIP LOCKED',
    mariadb: 'FOR UPDATE SKIP LOCKED',
  },
  // What a foreign key would lock by itself.
  refer: { sqlite: '', postgres: 'FOR KEY SHARE', mariadb: 'LOCK IN SHARE MODE' },
  remove: { sqlite: '', postgres: 'FOR UPDATE', mariadb: 'FOR UPDATE' },
}

/** The face of one transaction. */
export function createUnit(session: Session, dialect: Dialect): Unit {
  const topics = new Set<Topic>()
  const additions = createAdditions()
  let mark: Sql | undefined

  const rows: Db['rows'] = async (shape, statement) => {
    await addNow()
    const answer = await session.query(statement.text, statement.params)
    return answer.rows.map(decoder(shape))
  }
  const select: Db['select'] = (table, tail) =>
    rows(
      table.shape,
      new Sql(`SELECT ${table.columns} FROM ${table.name} ${tail.text}`, tail.params),
    )

  async function addNow() {
    for (const one of additions.take()) {
      const { text, params } = addition(one, dialect)
      if (dialect === 'postgres') await session.send(text, params)
      else {
        const { affected } = await session.query(text, params)
        invariant(affected === one.rows.length, allThere)
      }
    }
  }

  const db: Db = {
    rows,
    select,
    page: (table, range, most) => select(table, firstOf(table, range, most, dialect)),
    along: (table, wanted) => along(table, wanted, dialect),
    firstOfEach: (wanted) => firstOfEach(wanted, dialect),
    held: (purpose) => new Sql(holding[purpose][dialect], []),
    async insert(table, all) {
      mark ??= markOf(table, all[0])
      for (const { text, params } of insertions(table, all, dialect))
        await session.send(text, params)
    },
    async removeRange(table, range) {
      await db.run(removal(table, range, dialect))
    },
    async add(table, { key, sums }, all) {
      additions.put({ table, key, sums, rows: all })
    },
    async run({ text, params }) {
      await addNow()
      const { affected } = await session.query(text, params)
      return affected
    },
    async send({ text, params }) {
      await addNow()
      await session.send(text, params)
    },
    commitsOverlap: commitsOverlap(dialect),
    foundBy: (query) => {
      mark ??= query
    },
    announce: (topic) => {
      topics.add(topic)
    },
  }
  return { db, topics, mark: () => mark, finish: addNow }
}

/** Finds a row by its id, if it is there. */
function markOf({ name, description }: Table, row: Record<string, unknown> = {}): Sql | undefined {
  const [key = ''] = description.primary
  if (!isOwnId(row[key])) return undefined
  return new Sql(`SELECT 1 AS found FROM ${name} WHERE ${snake(key)} = ?`, [row[key]])
}
