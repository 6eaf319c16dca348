import { append } from '../event/index.ts'
import { type LaneJson, type Lanes, policyOf, type Route, routeOf } from '../party/index.ts'
import { toIsoOrNull } from '../platform/clock.ts'
import type { Database, Db } from '../platform/database/index.ts'
import type { Tools } from '../platform/tools.ts'
import {
  closed,
  forever,
  heldBy,
  isDisabled,
  isHeld,
  type Lane,
  newLane,
  wellSince,
} from './breaker.ts'
import * as store from './lane-store.ts'

/** What becomes of lanes by what operators do with their routes, and how it is shown. */
export function keepLanes({ clock }: Pick<Tools, 'clock'>): Lanes {
  return {
    async saved(db, route, before) {
      const held = await store.lanesById(db, [route.id], db.held('change'))
      const lane = held.get(route.id) ?? newLane(route.id)
      const after = laneOfSaved(lane, route, before)
      if (after !== lane) await store.saveLanes(db, [after], held)
      if (before) db.announce('deliveries')
    },

    removed: (db, routeId) => store.deleteLane(db, routeId),

    async view(db, routeIds) {
      const now = clock.now()
      const known = await store.lanesById(db, routeIds)
      return new Map(routeIds.map((id) => [id, viewLane(known.get(id) ?? newLane(id), now)]))
    },
  }
}

/**
 * Sends on a route again at once, whatever held it but that it is disabled. Safe to repeat; the
 * event is written where the lane was open.
 */
export async function resumeLane(
  { database, clock, newId }: Tools & { database: Database },
  accountId: string,
  routeId: string,
): Promise<Route> {
  return database.write(async (db) => {
    const route = await routeOf(db, accountId, routeId)
    const lane = (await store.lanesById(db, [routeId], db.held('change'))).get(routeId)
    if (!lane || (lane.state === 'closed' && !isResting(lane, clock.now()))) return route
    await store.updateLane(db, closed(lane, clock.now()))
    if (lane.state !== 'closed') await tellClosed(db, lane, route, { clock, newId })
    db.announce('deliveries')
    return route
  })
}

async function tellClosed(db: Db, lane: Lane, route: Route, { clock, newId }: Tools) {
  const failing_since = toIsoOrNull(lane.failingSince)
  const data = { account_id: route.accountId, failing_since, by: 'operator' }
  const event = { id: newId('evt'), subject: route.id, time: clock.now(), data }
  await append(db, [{ ...event, type: 'lane.closed' }])
}

function isResting(lane: Lane, now: number): boolean {
  return isHeld(lane, now) && !isDisabled(lane)
}

/** The same where there is nothing to keep of it. */
function laneOfSaved(lane: Lane, route: Route, before: Route | null): Lane {
  const { rate } = policyOf(route)
  const old = before && policyOf(before).rate
  const isOtherRate = rate?.perSecond !== old?.perSecond || rate?.burst !== old?.burst
  const paced = isOtherRate ? { ...lane, spentUntil: null, nextToken: null } : lane
  if (!route.enabled) return isDisabled(lane) ? paced : heldBy(paced, forever)
  // What was said of another address, or before it was enabled again, holds nothing back, and its
  // time to fail begins anew.
  const isOther = before?.enabled === false || before?.contactPath !== route.contactPath
  if (!isOther) return paced
  const freed = lane.heldUntil === null ? paced : heldBy(paced, null)
  return lane.failingSince === null && lane.warned === null ? freed : { ...freed, ...wellSince }
}

function viewLane(lane: Lane, now: number): LaneJson {
  const { state, failures, failingSince, reason, heldUntil } = lane
  const shown = { failures, failing_since: toIsoOrNull(failingSince), reason }
  if (isDisabled(lane)) return { state: 'disabled', until: null, ...shown }
  if (!isHeld(lane, now)) return { state, until: null, ...shown }
  return { state: state === 'closed' ? 'held' : state, until: toIsoOrNull(heldUntil), ...shown }
}
