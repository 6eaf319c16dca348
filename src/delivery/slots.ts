/** The daemon's slots, shared so that a partner who hangs leaves room for all the others. */
export type Slots = {
  free(): number
  /** Routes that have all they may have for now. */
  full(): string[]
  /** How many more slots this route may take. */
  room(routeId: string): number
  take(routeId: string): void
  release(routeId: string, delivered: boolean): void
}

/** One route may have most of the slots; once an attempt has failed, a tenth until one succeeds. */
const share = { delivering: 0.8, failing: 0.1 }

type Use = { underWay: number; failing: boolean }

export function createSlots(total: number): Slots {
  const routes = new Map<string, Use>()
  let free = total

  const most = ({ failing }: Use) =>
    Math.max(1, Math.floor(total * (failing ? share.failing : share.delivering)))
  const useOf = (routeId: string) => routes.get(routeId) ?? { underWay: 0, failing: false }
  const roomIn = (use: Use) => Math.max(0, most(use) - use.underWay)

  return {
    free: () => free,
    full: () => [...routes].filter(([, use]) => roomIn(use) === 0).map(([routeId]) => routeId),
    room: (routeId) => roomIn(useOf(routeId)),
    take(routeId) {
      const use = useOf(routeId)
      routes.set(routeId, { ...use, underWay: use.underWay + 1 })
      free -= 1
    },
    release(routeId, delivered) {
      const underWay = useOf(routeId).underWay - 1
      if (underWay === 0 && delivered) routes.delete(routeId)
      else routes.set(routeId, { underWay, failing: !delivered })
      free += 1
    },
  }
}
