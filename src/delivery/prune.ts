import { type Clock, sleep } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import { idsFrom } from '../platform/id.ts'
import * as store from './store.ts'

type Prune = {
  database: Database
  clock: Clock
  /** Attempts before this time go, of deliveries that were finished before it. */
  before: number
  /** Removes nothing, and counts what it would. */
  dryRun: boolean
  /** Called after each step with what was found so far. */
  found: (attempts: number) => void
}

/** So many attempts are looked at in one step, and removed in one unit of work. */
const stepSize = 1000

/**
 * Removes attempts that nobody will ask for any more; how many. It goes through the attempts in
 * the order of their ids, which is that of their time, and so needs no index of its own and passes
 * over nothing but what stays. Each step is whole by itself: it may be interrupted and repeated.
 */
export async function prune(given: Prune): Promise<number> {
  const { database, clock, before, dryRun, found } = given
  const until = idsFrom('att', before)
  let count = 0
  for (let after = ''; ; ) {
    const begun = clock.now()
    const step = { after, until, most: stepSize }
    const { last, old } = await database.read((db) => store.oldAttempts(db, step, before))
    count += dryRun
      ? old.length
      : await database.write((db) => store.removeAttempts(db, old, before))
    found(count)
    if (last === null) return count
    after = last
    // The intake has its turn: on SQLite there is one writer at a time.
    if (!dryRun) await sleep(clock.now() - begun)
  }
}
