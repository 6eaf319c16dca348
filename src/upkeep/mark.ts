import { randomUUID } from 'node:crypto'
import type { Database, Db, Table } from '../platform/database/index.ts'
import { fact, facts, heldFact, setFact } from '../platform/fact.ts'
import { UserError } from '../platform/problem.ts'

/**
 * The mark that a database is an unfinished copy, and whose. As long as it is there nobody opens
 * the database, and whoever copies may change all that is in it. It holds a word of who copies now:
 * who comes later writes another, and who came before finds that and stops.
 */
export type Mark = { assert(db: Db): Promise<void> }

type Written = { from: string; holder: string }

/** Sets the mark, or takes it over; undefined where there is other data than a copy's. */
export async function takeMark(
  target: Database,
  tables: Table[],
  from: string,
): Promise<Mark | undefined> {
  const own = JSON.stringify({ from, holder: randomUUID() } satisfies Written)
  const taken = await target.write(async (db) => {
    const known = await heldFact(db, 'unfinished_copy')
    if (known === undefined && !(await isUntouched(db, tables))) return false
    const other = known === undefined ? from : (JSON.parse(known) as Written).from
    if (other !== from)
      throw new UserError(`The target is an unfinished copy of ${other}: finish that, or empty it.`)
    await setFact(db, 'unfinished_copy', own)
    return true
  })
  if (!taken) return undefined
  return {
    async assert(db) {
      if ((await heldFact(db, 'unfinished_copy')) !== own)
        throw new UserError('Another copy-to has gone on with this copy: leave it to that one.')
    },
  }
}

/** Refuses to copy from what is not all there itself. */
export async function refuseUnfinished(source: Database): Promise<void> {
  if ((await source.read((db) => fact(db, 'unfinished_copy'))) !== undefined)
    throw new UserError('The source is an unfinished copy itself: finish that one first.')
}

/** A key that was once used there alone is no data. */
async function isUntouched(db: Db, tables: Table[]): Promise<boolean> {
  for (const table of tables) {
    if (table === facts || table.description.seeded) continue
    if ((await db.page(table, { after: null, upTo: null }, 1)).length > 0) return false
  }
  return true
}
