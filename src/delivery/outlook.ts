import type { Database } from '../platform/database/index.ts'
import { heldLanes } from './lane-store.ts'
import { nextDue } from './store.ts'

/** When something is due that may be sent, and the routes whose lanes let nothing through. */
type Ahead = { next: number; held: string[] }

/**
 * When something is due next on routes that are not busy. Where these have no end of work, the
 * others take some finding, so what was found holds until there is news.
 */
export function createOutlook(database: Database) {
  let found: (Ahead & { busy: string }) | undefined
  let news = 0

  return {
    /** `next` is Infinity when nothing is open. */
    async next(busyRoutes: string[], now: number): Promise<Ahead> {
      const busy = busyRoutes.toSorted().join(' ')
      if (found?.busy === busy && found.next > now) return found
      found = undefined
      const before = news
      const ahead = await look(database, busyRoutes, now)
      if (news === before) found = { busy, ...ahead }
      return ahead
    },
    /** Something may be due that was not there before. */
    heardNews() {
      news += 1
      found = undefined
    },
    /** What was claimed is due again when its lease ends. */
    claimedUntil(leaseEnd: number) {
      if (found) found.next = Math.min(found.next, leaseEnd)
    },
  }
}

/** A lane that is held may have something due when it is free. */
function look(database: Database, busyRoutes: string[], now: number): Promise<Ahead> {
  return database.read(async (db) => {
    const lanes = await heldLanes(db, now)
    const held = lanes.map(({ routeId }) => routeId)
    const next = await nextDue(db, [...busyRoutes, ...held])
    const free = lanes.map(({ freeDate }) => freeDate)
    return { next: Math.min(next ?? Number.POSITIVE_INFINITY, ...free), held }
  })
}
