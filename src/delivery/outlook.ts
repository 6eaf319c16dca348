import type { Database } from '../platform/database/index.ts'
import { nextDue } from './store.ts'

/**
 * When something is due next on routes that are not busy. Where these have no end of work, the
 * others take some finding, so what was found holds until there is news.
 */
export function createOutlook(database: Database) {
  let found: { busy: string; next: number } | undefined
  let news = 0

  return {
    /** Infinity when nothing is open. */
    async next(busyRoutes: string[], now: number): Promise<number> {
      const busy = busyRoutes.toSorted().join(' ')
      if (found?.busy === busy && found.next > now) return found.next
      found = undefined
      const before = news
      const next =
        (await database.read((db) => nextDue(db, busyRoutes))) ?? Number.POSITIVE_INFINITY
      if (news === before) found = { busy, next }
      return next
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
