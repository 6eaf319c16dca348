/** What a route has under way in a daemon, and how it is doing. */
export type Use = {
  underWay: number
  /** How many of these have no slot any more. */
  without: number
  /** What its last attempt came to. */
  last: 'none' | 'delivered' | 'failed'
  concurrency: number
  /** It gets no other before all is over. */
  alone: boolean
}

const unused: Use = {
  underWay: 0,
  without: 0,
  last: 'none',
  concurrency: Number.POSITIVE_INFINITY,
  alone: false,
}

/** What all routes have under way, summed up with each change. */
export function createUses() {
  const routes = new Map<string, Use>()
  /** Routes that deliver, also while they have nothing under way. */
  const delivering = new Set<string>()
  const sums = { withSlot: 0, without: 0, failingWithSlot: 0 }

  function sum({ underWay, without, last }: Use, sign: 1 | -1): void {
    sums.withSlot += sign * (underWay - without)
    sums.without += sign * without
    if (last === 'failed') sums.failingWithSlot += sign * (underWay - without)
  }

  const of = (routeId: string): Use =>
    routes.get(routeId) ?? (delivering.has(routeId) ? { ...unused, last: 'delivered' } : unused)

  return {
    sums: sums as Readonly<typeof sums>,
    /** Routes that have something under way, or that fail. */
    all: (): Iterable<[routeId: string, Use]> => routes,
    of,
    become(routeId: string, use: Use): void {
      sum(of(routeId), -1)
      sum(use, 1)
      if (use.underWay === 0 && use.last !== 'failed') routes.delete(routeId)
      else routes.set(routeId, use)
      if (use.last === 'delivered') delivering.add(routeId)
      else delivering.delete(routeId)
    },
  }
}
