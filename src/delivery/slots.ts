/** The daemon's slots, shared so that a partner who hangs leaves room for all the others. */
export type Slots = {
  free(): number
  /** Routes that have all they may have for now. */
  full(): string[]
  /** Of what wants a slot each, in this order, by its route: what may have one. */
  fitting<T extends { routeId: string }>(wanted: T[]): T[]
  /** `alone`: its route gets no other before it is released. */
  take(routeId: string, alone?: boolean): void
  release(routeId: string, delivered: boolean): void
}

/**
 * One route may have most of the slots; once an attempt has failed, a tenth until one succeeds. All
 * routes that fail have half of them together, so that any number of dead partners leaves the rest.
 */
const share = { delivering: 0.8, failing: 0.1, allFailing: 0.5 }

/**
 * A route that delivers is full until it may have so many again: to claim for each slot that gets
 * free would be a commit for each attempt.
 */
const leastAtOnce = share.delivering / 4

type Use = { underWay: number; failing: boolean; alone: boolean }

export function createSlots(total: number): Slots {
  const routes = new Map<string, Use>()
  let free = total
  let failingUnderWay = 0

  const part = (of: number) => Math.max(1, Math.floor(total * of))
  const useOf = (routeId: string) =>
    routes.get(routeId) ?? { underWay: 0, failing: false, alone: false }

  function roomIn({ underWay, failing, alone }: Use): number {
    if (alone) return 0
    if (!failing) return Math.max(0, part(share.delivering) - underWay)
    const own = part(share.failing) - underWay
    return Math.max(0, Math.min(own, part(share.allFailing) - failingUnderWay))
  }

  function leastIn({ underWay, failing }: Use): number {
    return underWay === 0 || failing ? 1 : part(leastAtOnce)
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
      return wanted.filter(({ routeId }) => {
        const use = useOf(routeId)
        const before = taken.get(routeId) ?? 0
        const allFull = use.failing && failingUnderWay + failing >= part(share.allFailing)
        if (allFull || before >= roomIn(use)) return false
        taken.set(routeId, before + 1)
        if (use.failing) failing += 1
        return true
      })
    },
    take(routeId, alone = false) {
      const { underWay, failing } = useOf(routeId)
      become(routeId, { underWay: underWay + 1, failing, alone })
      free -= 1
    },
    release(routeId, delivered) {
      const before = useOf(routeId)
      const underWay = before.underWay - 1
      become(routeId, { underWay, failing: !delivered, alone: before.alone && underWay > 0 })
      free += 1
    },
  }
}
