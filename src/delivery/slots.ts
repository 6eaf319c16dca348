import { createUses, type Use } from './uses.ts'

/** A route, and how many slots it may have at most. */
type Bounded = { routeId: string; concurrency: number }

/** The daemon's slots, shared so that a partner who hangs leaves room for all the others. */
export type Slots = {
  free(): number
  /** Routes that have all they may have for now. */
  full(): string[]
  /** How many slots a route may take, but for what its own settings say. */
  roomOn(routeId: string): number
  /**
   * Of what wants a slot each, in this order, by its route: what may have one. How many a route may
   * have at most comes along, since it may be another by now.
   */
  fitting<T extends Bounded>(wanted: T[]): T[]
  /** `alone`: its route gets no other before it is released. */
  take(one: Bounded & { alone?: boolean }): void
  /**
   * What lasts gives its slot back, though its route still has as many under way; false where so
   * many have done so that it keeps it.
   */
  giveBack(routeId: string): boolean
  /** How many are under way without a slot. */
  without(): number
  /** `without` says that its slot was given back before. */
  release(routeId: string, came: { delivered: boolean; without?: boolean }): void
}

/**
 * One route may have most of the slots, and no more than its own settings say; once an attempt has
 * failed, a tenth until one succeeds. All routes that fail have half of them together, so that any
 * number of dead partners leaves the rest. Where nothing is known of a route, one attempt goes
 * ahead.
 */
const share = { delivering: 0.8, failing: 0.1, allFailing: 0.5 }

/**
 * A route that delivers is full until it may have so much of its own again: to claim for each slot
 * that gets free would be a commit for each attempt. Where all that it has under way lasts, nothing
 * gets free soon, and what room there is will do.
 */
const leastAtOnce = 1 / 4

/**
 * So many times as many as there are slots may be under way without one: each is a connection. From
 * a quarter of that on shares shrink, and the upper half is for one on each route.
 */
const mostWithout = 5

const partOf = (total: number, of: number) => Math.max(1, Math.floor(total * of))

export function createSlots(total: number): Slots {
  const uses = createUses()
  const { sums } = uses
  const mostLasting = mostWithout * total
  const mostFailing = partOf(total, share.allFailing)

  /** What is left of a share, with so many more under way. */
  const left = (more: number) =>
    Math.min(1, Math.max(0, 2 - (4 * (sums.withSlot + sums.without + more)) / mostLasting))

  function mostOf(use: Use, more = 0): number {
    if (use.last === 'none') return 1
    const part = partOf(total, use.last === 'failed' ? share.failing : share.delivering)
    return Math.max(1, Math.ceil(Math.min(part, use.concurrency) * left(more)))
  }

  function roomIn(use: Use, more = 0): number {
    if (use.alone) return 0
    const own = Math.max(0, mostOf(use, more) - use.underWay)
    if (use.last !== 'failed') return own
    return Math.max(0, Math.min(own, mostFailing - sums.failingWithSlot))
  }

  function isFull(use: Use): boolean {
    const anyWillDo = use.underWay === use.without || use.last === 'failed'
    return roomIn(use) < (anyWillDo ? 1 : Math.max(1, Math.floor(mostOf(use) * leastAtOnce)))
  }

  return {
    free: () => total - sums.withSlot,
    full: () => [...uses.all()].filter(([, use]) => isFull(use)).map(([routeId]) => routeId),
    roomOn: (routeId) => roomIn(uses.of(routeId)),
    fitting(wanted) {
      const taken = new Map<string, number>()
      let [all, failing] = [0, 0]
      return wanted.filter(({ routeId, concurrency }) => {
        const use = { ...uses.of(routeId), concurrency }
        uses.become(routeId, use)
        const before = taken.get(routeId) ?? 0
        const isFailing = use.last === 'failed'
        const allFull = isFailing && sums.failingWithSlot + failing >= mostFailing
        if (allFull || before >= roomIn(use, all)) return false
        taken.set(routeId, before + 1)
        all += 1
        if (isFailing) failing += 1
        return true
      })
    },
    take({ routeId, concurrency, alone = false }) {
      const before = uses.of(routeId)
      uses.become(routeId, { ...before, underWay: before.underWay + 1, concurrency, alone })
    },
    giveBack(routeId) {
      if (sums.without === mostLasting) return false
      const before = uses.of(routeId)
      uses.become(routeId, { ...before, without: before.without + 1 })
      return true
    },
    without: () => sums.without,
    release(routeId, came) {
      const before = uses.of(routeId)
      const underWay = before.underWay - 1
      const alone = before.alone && underWay > 0
      const without = before.without - (came.without ? 1 : 0)
      const last = came.delivered ? 'delivered' : 'failed'
      uses.become(routeId, { ...before, underWay, without, last, alone })
    },
  }
}
