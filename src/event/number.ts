import { sleep } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import { hold, isUnheld } from '../platform/lease.ts'
import type { Log } from '../platform/log.ts'
import { looping } from '../platform/loop.ts'
import type { Service } from '../platform/service.ts'
import type { Tools } from '../platform/tools.ts'
import { number, unnumbered } from './store.ts'

type Deps = Tools & { database: Database; log: Log }

/** So many batches of events are one unit. */
const most = 200
const leaseMs = 5000
const pauseMs = 1000

/**
 * Gives events their place in the order of all events, after they were committed. A number given
 * within a transaction could be committed after a higher one, and whoever reads by number would
 * have gone past it. Of all processes, one does this at a time; the others wait for it to fail.
 */
export function createNumberer(deps: Deps): Service & { wake(): void } {
  const { database, clock, newId, log } = deps
  const holder = newId('clm')
  return looping({
    look: () =>
      database.write(async (db) => {
        const claim = { name: 'event numbers' as const, holder, now: clock.now(), leaseMs }
        if (!(await hold(db, claim))) return leaseMs
        const numbered = await number(db, most)
        if (numbered > 0) db.announce('numbers')
        return numbered < most ? leaseMs / 2 : 0
      }),
    failed: (error) => log.error({ err: error }, 'events could not be numbered'),
    pauseMs,
    listen: (wake) => database.listen('events', wake),
  })
}

/**
 * Numbers all events that have no number yet, for who reads them while no daemon runs; false where
 * a daemon goes on doing so. Where nothing is to be done, nothing is written.
 */
export async function numberAll({ database, clock, newId }: Omit<Deps, 'log'>): Promise<boolean> {
  const holder = newId('clm')
  // The lease of a daemon that has just stopped ends soon; ours is over with each unit.
  const giveUpAt = clock.now() + leaseMs + pauseMs
  const isFree = () => database.read((db) => isUnheld(db, 'event numbers', clock.now()))
  while (!(await isFree())) {
    if (clock.now() > giveUpAt) return false
    await sleep(pauseMs / 4)
  }
  if ((await database.read((db) => unnumbered(db, 1))).length === 0) return true
  // Not until none is left: whoever still writes would keep this busy for ever.
  for (let numbered = most; numbered === most; ) {
    const claim = { name: 'event numbers' as const, holder, now: clock.now(), leaseMs: 0 }
    const done = await database.write(async (db) =>
      (await hold(db, claim)) ? number(db, most) : null,
    )
    if (done === null) return false
    numbered = done
  }
  return true
}
