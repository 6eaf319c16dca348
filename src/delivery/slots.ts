/** A route, and how many slots it may have at most. */
type Bounded = { routeId: string; concurrency: number }

/** The daemon's slots, shared so that a partner who hangs leaves room for all the others. */
export type Slots = {
  free(): number
  /** Routes that have all they may have for now. */
  full(): string[]
  /**
   * Of what wants a slot each, in this order, by its route: what may have one. How many a route may
   * have at most comes along, since it may be another by now.
   */
  fitting<T extends Bounded>(wanted: T[]): T[]
  /** `alone`: its route gets no other before it is released. */
  take(one: Bounded & { alone?: boolean }): void
  release(routeId: string, delivered: boolean): void
}

/**
 * One route may have most of the slots, and no more than its own settings say; once an attempt has
 * failed, a tenth until one succeeds. All routes that fail have half of them together, so that any
 * number of dead partners leaves the rest.
 */
const share = { delivering: 0.8, failing: 0.1, allFailing: 0.5 }

/**
 * A route that delivers is full until it may have so much of its own again: to claim for each slot
 * that gets free would be a commit for each attempt.
 */
const leastAtOnce = 1 / 4

type Use = { underWay: number; failing: boolean; concurrency: number; alone: boolean }

export function createSlots(total: number): Slots {
  const routes = new Map<string, Use>()
  let free = total
  let failingUnderWay = 0

  const part = (of: number) => Math.max(1, Math.floor(total * of))
  const unbounded = Number.POSITIVE_INFINITY
  const unused = { underWay: 0, failing: false, concurrency: unbounded, alone: false }
  const useOf = (routeId: string): Use => routes.get(routeId) ?? unused

  function mostOf({ failing, concurrency }: Use): number {
    return Math.min(part(failing ? share.failing : share.delivering), concurrency)
  }

  function roomIn(use: Use): number {
    if (use.alone) return 0
    const own = Math.max(0, mostOf(use) - use.underWay)
    if (!use.failing) return own
    return Math.max(0, Math.min(own, part(share.allFailing) - failingUnderWay))
  }

  function leastIn(use: Use): number {
    if (use.underWay === 0 || use.failing) return 1
    return Math.max(1, Math.floor(mostOf(use) * leastAtOnce))
  }

  function become(routeId: string, use: Use): void {
    const before = useOf(routeId)
    failingUnderWay += (use.failing ? use.underWay : 0) - (before.failing ? before.underWay : 0)
    if (use.underWay === 0 && !use.failing) routes.delete(routeId)
    else routes.set(routeId, use)
  }

  return {
    free: () => free,
    full: () =>
      [...routes].filter(([, use]) => roomIn(use) < leastIn(use)).map(([routeId]) => routeId),
    fitting(wanted) {
      const taken = new Map<string, number>()
      let failing = 0
      return wanted.filter(({ routeId, concurrency }) => {
        const use = { ...useOf(routeId), concurrency }
        if (routes.has(routeId)) routes.set(routeId, use)
        const before = taken.get(routeId) ?? 0
        const allFull = use.failing && failingUnderWay + failing >= part(share.allFailing)
        if (allFull || before >= roomIn(use)) return false
        taken.set(routeId, before + 1)
        if (use.failing) failing += 1
        return true
      })
    },
    take({ routeId, concurrency, alone = false }) {
      const { underWay, failing } = useOf(routeId)
      become(routeId, { underWay: underWay + 1, failing, concurrency, alone })
      free -= 1
    },
    release(routeId, delivered) {
      const before = useOf(routeId)
      const underWay = before.underWay - 1
      const alone = before.alone && underWay > 0
      become(routeId, { ...before, underWay, failing: !delivered, alone })
      free += 1
    },
  }
}
