/** What a route has under way in a daemon, and how it is doing. */
export type Use = {
  underWay: number
  /** How many of these have no slot any more. */
  without: number
  /** Its last attempt failed. */
  failing: boolean
  concurrency: number
  /** It gets no other before all is over. */
  alone: boolean
}

const unused: Use = {
  underWay: 0,
  without: 0,
  failing: false,
  concurrency: Number.POSITIVE_INFINITY,
  alone: false,
}

/** What all routes have under way, summed up with each change. */
export function createUses() {
  const routes = new Map<string, Use>()
  const sums = { withSlot: 0, without: 0, failingWithSlot: 0 }

  function sum({ underWay, without, failing }: Use, sign: 1 | -1): void {
    sums.withSlot += sign * (underWay - without)
    sums.without += sign * without
    if (failing) sums.failingWithSlot += sign * (underWay - without)
  }

  return {
    sums: sums as Readonly<typeof sums>,
    /** Routes that have something under way, or that fail. */
    all: (): Iterable<[routeId: string, Use]> => routes,
    of: (routeId: string): Use => routes.get(routeId) ?? unused,
    become(routeId: string, use: Use): void {
      sum(routes.get(routeId) ?? unused, -1)
      sum(use, 1)
      if (use.underWay === 0 && !use.failing) routes.delete(routeId)
      else routes.set(routeId, use)
    },
  }
}
