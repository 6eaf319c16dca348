import type { Clock } from '../platform/clock.ts'

/** Tries that ended within some seconds from this time on, and how many of them failed. */
export type Tries = { from: number; tries: number; failed: number }

const spanMs = 10_000
const spans = 6

/**
 * How the tries of each route went in the last minute, as far as this daemon made them: to count
 * those of all daemons would be a write for each that succeeds.
 */
export function createRecent(clock: Clock) {
  const routes = new Map<string, Tries[]>()
  let sweptAt = 0

  /** Routes of which nothing was heard for a minute are forgotten. */
  function sweep(now: number) {
    if (now < sweptAt + spanMs * spans) return
    sweptAt = now
    for (const [routeId, all] of routes)
      if (all.every((one) => isOld(one, now))) routes.delete(routeId)
  }

  return {
    add(routeId: string, delivered: boolean): void {
      const now = clock.now()
      sweep(now)
      const kept = (routes.get(routeId) ?? []).filter((one) => !isOld(one, now))
      routes.set(routeId, withOneMore(kept, delivered, now))
    },
    of: (routeId: string): Tries[] => routes.get(routeId) ?? [],
  }
}

function withOneMore(all: Tries[], delivered: boolean, now: number): Tries[] {
  const from = now - (now % spanMs)
  const present = all.find((one) => one.from === from) ?? { from, tries: 0, failed: 0 }
  const { tries, failed } = present
  const next = { from, tries: tries + 1, failed: failed + (delivered ? 0 : 1) }
  return [...all.filter((one) => one !== present), next]
}

function isOld({ from }: Tries, now: number): boolean {
  return from + spanMs * spans <= now
}

/** The sum of those that began then or later. */
export function triesSince(all: Tries[], since: number): Omit<Tries, 'from'> {
  const own = all.filter(({ from }) => from >= since)
  const sum = (of: (one: Tries) => number) => own.reduce((total, one) => total + of(one), 0)
  return { tries: sum(({ tries }) => tries), failed: sum(({ failed }) => failed) }
}
