import type { Database } from '../platform/database/index.ts'
import { heldLanes } from './lane-store.ts'
import { nextDue } from './store.ts'

/**
 * When something is due that may be sent; the routes whose lanes let nothing through, and when the
 * first of them is free again; whether a claim found as much as it asked for.
 */
type Ahead = { next: number; held: string[]; firstFree: number; isMore: boolean }

/** More are rarely busy in turns. */
const mostFound = 16

/**
 * When something is due next on routes that are not busy. Where these have no end of work, the
 * others take some finding, so what was found holds until there is news.
 */
export function createOutlook(database: Database) {
  const found = new Map<string, Ahead>()
  let news = 0

  return {
    /** `next` is Infinity when nothing is open. */
    async next(busyRoutes: string[], now: number): Promise<Ahead> {
      const busy = busyRoutes.toSorted().join(' ')
      const known = found.get(busy)
      if (known && (known.next > now || (known.isMore && known.firstFree > now))) return known
      const before = news
      const ahead = await look(database, busyRoutes, now)
      if (found.size === mostFound) found.clear()
      if (news === before) found.set(busy, ahead)
      return ahead
    },
    /** Something may be due that was not there before. */
    heardNews() {
      news += 1
      found.clear()
    },
    /** What was claimed is due again when its lease ends; `isMore` where it was all asked for. */
    claimed(ahead: Ahead, { until, isMore }: { until: number; isMore: boolean }) {
      for (const one of found.values()) one.next = Math.min(one.next, until)
      ahead.isMore = isMore
    },
  }
}

/** A lane that is held may have something due when it is free. */
function look(database: Database, busyRoutes: string[], now: number): Promise<Ahead> {
  return database.read(async (db) => {
    const lanes = await heldLanes(db, now)
    const held = lanes.map(({ routeId }) => routeId)
    const next = await nextDue(db, [...busyRoutes, ...held])
    const firstFree = Math.min(Number.POSITIVE_INFINITY, ...lanes.map(({ freeDate }) => freeDate))
    const first = Math.min(next ?? Number.POSITIVE_INFINITY, firstFree)
    return { next: first, held, firstFree, isMore: false }
  })
}
