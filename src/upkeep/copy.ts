import { dirname } from 'node:path'
import { numberAll } from '../event/index.ts'
import { books } from '../ledger/index.ts'
import { systemClock } from '../platform/clock.ts'
import {
  connect,
  type Database,
  identityOf,
  migrate,
  openDatabase,
  type Place,
  type Schema,
  type Table,
  withSource,
} from '../platform/database/index.ts'
import { facts } from '../platform/fact.ts'
import { makeFolder } from '../platform/folder.ts'
import { createIds } from '../platform/id.ts'
import { UserError } from '../platform/problem.ts'
import { checkSpool } from '../proof/index.ts'
import { copyTable } from './copy-table.ts'
import { type Digest, digestOf } from './digest.ts'
import { type Mark, refuseUnfinished, takeMark } from './mark.ts'

/** What came of it: `same` where all of it was there already. */
export type Copied = { state: 'copied' | 'same'; tables: CopiedTable[] }

export type CopiedTable = { name: string; rows: number; sha256: string }

type Copy = {
  from: Place
  to: Place
  /** What a person calls the source. */
  name: string
  schema: Schema
  step: (doing: string) => void
  /** Called once a table is the same on both sides. */
  copied: (table: string, rows: number) => void
}

/**
 * Copies a whole Giro into another database, and proves that it is whole: the same rows on both
 * sides, books that balance, bytes that banks sent. The mark of an unfinished copy goes away with
 * the last rows. Nobody may write to the source meanwhile; where somebody did, it says so.
 */
export async function copyTo(copy: Copy): Promise<Copied> {
  const { from, to, name, schema } = copy
  const source = await connect(from, schema)
  try {
    await refuseUnfinished(source)
    const identity = await identityOf(from)
    if (to.dialect === 'sqlite') makeFolder(dirname(to.file), 'DATABASE_URL')
    if (identity === (await identityOf(to)))
      throw new UserError('The target is the very database that is to be copied: name another.')
    await withSource(to, schema, migrate)
    const target = await openDatabase(to, schema, systemClock)
    try {
      await numberEvents(source)
      const mark = await takeMark(target, schema.tables, name)
      return mark
        ? await copyAll({ ...copy, source, target, mark })
        : await compareAll({ ...copy, source, target })
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

const changed = 'The source has changed meanwhile'
const stopAll = 'stop serve, start and run-payment-processor, and run copy-to again'

/** Events of a server may have no number yet, and SQLite would give them one out of order. */
async function numberEvents(source: Database): Promise<void> {
  if (!source.commitsOverlap) return
  const tools = { clock: systemClock, newId: createIds(systemClock) }
  if (!(await numberAll({ ...tools, database: source })))
    throw new UserError(`A payment processor is at work on the source: ${stopAll}.`)
}

type Both = Copy & { source: Database; target: Database }

async function copyAll(all: Both & { mark: Mark }): Promise<Copied> {
  const { source, target, schema, mark, step, copied } = all
  const tables = schema.tables.filter((table) => table !== facts)
  for (const table of tables) {
    let known = 0
    await copyTable(table, {
      source,
      target,
      mark,
      copied(rows) {
        known = rows
        step(`copying ${table.name}: ${rows} rows`)
      },
    })
    copied(table.name, known)
  }
  const digests = await digestAll(all, tables)
  for (const { table, here, there } of digests)
    if (here.sha256 !== there.sha256 || here.rows !== there.rows)
      throw new UserError(`${changed} (${table.name}): ${stopAll}.`)
  await prove(target, step)
  await refuseGrown(source, digests)
  await finish(source, target, mark)
  const last = await digestAll(all, [facts])
  return { state: 'copied', tables: [...digests, ...last].map(shown) }
}

type Compared = { table: Table; here: Digest; there: Digest }

/** Each side on one snapshot of its own, so that what is the same was so at one time. */
async function digestAll(all: Both, tables: Table[]): Promise<Compared[]> {
  const { source, target, step } = all
  const digests = (database: Database) =>
    database.read(async (db) => {
      const found: Digest[] = []
      for (const table of tables) {
        step(`comparing ${table.name}`)
        found.push(await digestOf(db, table))
      }
      return found
    })
  const [here, there] = await Promise.all([digests(source), digests(target)])
  return tables.map((table, i) => ({ table, here: here[i] as Digest, there: there[i] as Digest }))
}

function shown({ table, here: { rows, sha256 } }: Compared): CopiedTable {
  return { name: table.name, rows, sha256 }
}

async function prove(target: Database, step: Copy['step']): Promise<void> {
  step('proving the books')
  const { balanced } = await target.read(books)
  if (!balanced)
    throw new UserError('The books of the source do not balance: see manage books. The copy stays.')
  step('proving the spool')
  const odd = await target.read(checkSpool)
  if (odd !== null)
    throw new UserError(`The spooled bytes of ${odd} are not those that were heard: see its proof.`)
}

/** Whatever happens adds a row somewhere, behind those that were compared. */
async function refuseGrown(source: Database, digests: Compared[]): Promise<void> {
  await source.read(async (db) => {
    for (const { table, here } of digests)
      if ((await db.page(table, { after: here.last, upTo: null }, 1)).length > 0)
        throw new UserError(`${changed} (${table.name}): ${stopAll}.`)
  })
}

/** The facts come last: with them, in one unit, the mark goes away, which the source has not. */
async function finish(source: Database, target: Database, mark: Mark): Promise<void> {
  const whole = { after: null, upTo: null }
  const known = await source.read((db) => db.page(facts, whole, mostFacts))
  await target.write(async (db) => {
    await mark.assert(db)
    await db.removeRange(facts, whole)
    await db.insert(facts, known)
  })
}

const mostFacts = 1000

/** Data without the mark is a finished copy, or somebody else's. */
async function compareAll(all: Both): Promise<Copied> {
  const tables: CopiedTable[] = []
  for (const table of all.schema.tables)
    for (const compared of await digestAll(all, [table])) {
      if (compared.here.sha256 !== compared.there.sha256)
        throw new UserError(
          `The target has data of its own (${table.name}): name one that is empty, or not there.`,
        )
      tables.push(shown(compared))
    }
  await prove(all.target, all.step)
  return { state: 'same', tables }
}
