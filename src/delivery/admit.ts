import { policyOf, type Rate, type Route } from '../party/index.ts'
import type { Db, Reads } from '../platform/database/index.ts'
import { admits, type Lane, probing } from './breaker.ts'
import * as store from './lane-store.ts'
import { spend } from './rate.ts'

type Claim = { claimId: string; now: number; leaseEnd: number }

/**
 * What lanes let through of what a claim found: all, unless they fail or have a rate. The rows of
 * such lanes are held until the unit ends, so that of all daemons one makes the one try of an open
 * lane, and all share the tokens of a rate.
 */
export async function admit<T extends { route: Route }>(
  db: Db,
  wanted: T[],
  claim: Claim,
): Promise<T[]> {
  const byRoute = Map.groupBy(wanted, ({ route }) => route.id)
  const rates = new Map<string, Rate | null>()
  for (const [routeId, [one]] of byRoute) rates.set(routeId, one ? policyOf(one.route).rate : null)
  const known = await store.lanesById(db, [...rates.keys()])
  const bounded = [...rates].filter(([routeId, rate]) => {
    const lane = known.get(routeId)
    return rate !== null || (lane && admits(lane, claim.now) !== 'all')
  })
  if (bounded.length === 0) return wanted
  const routeIds = bounded.map(([routeId]) => routeId)
  const left = new Map<string, number>()
  for (const lane of (await store.lanesById(db, routeIds, db.held('change'))).values()) {
    const asked = { ...claim, wanted: byRoute.get(lane.routeId)?.length ?? 0 }
    const { count, after } = through(lane, rates.get(lane.routeId) ?? null, asked)
    if (count > 0) await store.updateLane(db, after)
    left.set(lane.routeId, count)
  }
  return wanted.filter(({ route: { id } }) => {
    const count = left.get(id)
    if (count !== undefined) left.set(id, count - 1)
    return count === undefined || count > 0
  })
}

/** Of these routes, those whose lanes do not let everything through at this time. */
export async function restingRoutes(
  db: Reads,
  routeIds: string[],
  now: number,
): Promise<Set<string>> {
  const known = [...(await store.lanesById(db, routeIds)).values()]
  const resting = known.filter((lane) => admits(lane, now) !== 'all')
  return new Set(resting.map(({ routeId }) => routeId))
}

/** How many of a lane's deliveries may go, and what it is when they have. */
function through(
  lane: Lane,
  rate: Rate | null,
  { claimId, now, leaseEnd, wanted }: Claim & { wanted: number },
): { count: number; after: Lane } {
  const most = { all: wanted, one: 1, none: 0 }[admits(lane, now)]
  const { taken, ...tokens } = rate
    ? spend(rate, lane, { now, wanted: most })
    : { ...lane, taken: most }
  const after = { ...lane, spentUntil: tokens.spentUntil, nextToken: tokens.nextToken }
  const isProbe = lane.state !== 'closed' && taken > 0
  return { count: taken, after: isProbe ? probing(after, claimId, leaseEnd) : after }
}
