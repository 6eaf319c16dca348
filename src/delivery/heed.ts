import { append, type NewEvent } from '../event/index.ts'
import { disableRoute, type Route } from '../party/index.ts'
import { toIsoOrNull } from '../platform/clock.ts'
import type { Db } from '../platform/database/index.ts'
import type { Random } from '../platform/random.ts'
import type { Tools } from '../platform/tools.ts'
import { type Change, disableOld, ended, holdOld, warn } from './age.ts'
import { isWell, laneAfter, newLane, type Outcome, type Rules } from './breaker.ts'
import * as store from './lane-store.ts'
import type { Tried } from './record.ts'

type Deps = Tools & { random: Random; rules: Rules }

/**
 * Lets lanes heed how their tries went, in the unit that records these. A lane that delivers and
 * did so before costs a lookup and no write.
 */
export async function heed(db: Db, tried: Tried[], deps: Deps): Promise<void> {
  const now = deps.clock.now()
  const gone = await disableGone(db, tried, deps)
  const byRoute = Map.groupBy(tried, ({ route }) => route.id)
  const seen = await store.lanesById(db, [...byRoute.keys()])
  const concerned = [...byRoute].filter(([routeId, own]) => {
    const lane = seen.get(routeId)
    return (lane && !isWell(lane)) || own.some(({ sent }) => !sent.delivered)
  })
  if (concerned.length === 0) return
  const routeIds = concerned.map(([routeId]) => routeId)
  await holdOld(db, [...seen.values()], deps)
  const held = await store.lanesById(db, routeIds, db.held('change'))
  const heeded = concerned.map(([routeId, own]) => {
    const before = held.get(routeId) ?? newLane(routeId)
    let after = before
    for (const one of own) after = laneAfter(after, outcomeOf(one), { ...deps, now })
    const reason = gone.get(routeId)
    if (reason !== undefined) after = ended(after, reason)
    return { before, after, own }
  })
  const changes: Change[] = []
  for (const change of heeded) changes.push(await disableOld(db, change, deps))
  await store.saveLanes(
    db,
    changes.map(({ after }) => after),
    held,
  )
  await tell(db, changes, { ...deps, now })
  await warn(db, changes, deps)
}

const gone = 410
const slowing = [429, 502, 503, 504]

/** Routes whose partner says that there is nothing any more; what it said. */
async function disableGone(db: Db, tried: Tried[], tools: Tools): Promise<Map<string, string>> {
  const routes = new Map<string, Route>()
  for (const { route, sent } of tried)
    if (route.notifyMethod === 'api' && sent.status === gone) routes.set(route.id, route)
  const reasons = new Map<string, string>()
  for (const [routeId, route] of [...routes].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const reason = 'the partner answered 410: gone'
    if (await disableRoute(db, route, reason, tools)) reasons.set(routeId, reason)
  }
  return reasons
}

function outcomeOf({ delivery, route, sent, recent }: Tried): Outcome {
  return {
    claimId: delivery.claimId,
    delivered: sent.delivered,
    error: sent.error,
    slows: route.notifyMethod === 'api' && slowing.includes(sent.status ?? 0),
    retryAfterMs: sent.retryAfterMs ?? null,
    recent,
  }
}

async function tell(db: Db, changes: Change[], { newId, now }: Tools & { now: number }) {
  const events = changes.flatMap(({ before, after, own }): NewEvent[] => {
    const about = { account_id: own[0]?.route.accountId }
    const event = { id: newId('evt'), subject: after.routeId, time: now }
    if (after.openings > before.openings) {
      const { reason, failures } = after
      const data = { ...about, reason, failures, until: toIsoOrNull(after.heldUntil) }
      return [{ ...event, type: 'lane.opened', data }]
    }
    if (before.state === 'closed' || after.state !== 'closed') return []
    const data = { ...about, failing_since: toIsoOrNull(before.failingSince) }
    return [{ ...event, type: 'lane.closed', data }]
  })
  if (events.some(({ type }) => type === 'lane.closed')) db.announce('deliveries')
  await append(db, events)
}
