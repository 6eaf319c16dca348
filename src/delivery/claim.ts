import { byIds, type Event } from '../event/index.ts'
import { oldSecretsOf, policyOf, type Route, routesById } from '../party/index.ts'
import type { Db } from '../platform/database/index.ts'
import { invariant } from '../platform/invariant.ts'
import { admit } from './admit.ts'
import { claimed, type Delivery } from './delivery.ts'
import { type Digest, firstOfDigests } from './digest.ts'
import type { Slots } from './slots.ts'
import * as store from './store.ts'

/** A delivery in the hands of this daemon until its lease ends, with all that sending needs. */
export type Claimed = {
  delivery: Delivery
  event: Event
  route: Route
  /** Sealed, and good beside the route's own; newest first. */
  oldSecrets: string[]
  /** All that it goes with, itself included; null where it goes by itself. */
  digest: Digest | null
}

/** What was taken, and of what goes in digests the first of each: they are claimed one by one. */
type Taken = {
  claimed: Claimed[]
  inDigests: Delivery[]
  /** Whether there may be more that is due: as much was found as was asked for. */
  isMore: boolean
}

const nothing: Taken = { claimed: [], inDigests: [], isMore: false }

/** `held` are routes whose lanes let nothing through, as far as this daemon knows. */
type Lease = { claimId: string; now: number; leaseMs: number; slots: Slots; held: string[] }

/** Takes what is due, longest first, as far as lanes and slots let it, under one claim. */
export async function claim(db: Db, lease: Lease): Promise<Taken> {
  const { claimId, now, leaseMs, slots, held } = lease
  const busyRoutes = [...slots.full(), ...held]
  const asked = { now, limit: slots.free(), busyRoutes, roomOn: slots.roomOn }
  const found = await store.due(db, asked)
  const isMore = found.length === asked.limit
  const due = firstOfDigests(found)
  if (due.length === 0) return nothing
  const routes = await routesById(db, [...new Set(due.map(({ routeId }) => routeId))])
  const leaseEnd = now + leaseMs
  const wanted = due.map((delivery) => withRoute(delivery, routes))
  const taken = await admit(db, slots.fitting(wanted), { claimId, now, leaseEnd })
  const alone = taken.filter(({ delivery }) => delivery.digestId === null)
  const inDigests = taken
    .map(({ delivery }) => delivery)
    .filter(({ digestId }) => digestId !== null)
  const [first] = alone
  if (!first) return { claimed: [], inDigests, isMore: false }
  const ids = alone.map(({ delivery }) => delivery.id)
  db.foundBy(store.claimed(first.delivery.id, claimId))
  await store.claimAll(db, ids, claimId, leaseEnd)
  const routeIds = [...new Set(alone.map(({ routeId }) => routeId))]
  const [events, replaced] = await Promise.all([
    byIds(db, [...new Set(alone.map(({ delivery }) => delivery.eventId))]),
    oldSecretsOf(db, routeIds, now),
  ])
  const old = Map.groupBy(replaced, ({ routeId }) => routeId)
  const all = alone.map(({ delivery, route, routeId }) => {
    const event = events.get(delivery.eventId)
    invariant(event, `the event of ${delivery.id} is kept`)
    const oldSecrets = (old.get(routeId) ?? []).map(({ secret }) => secret)
    const mine = { ...delivery, ...claimed(delivery, claimId, leaseEnd) }
    return { delivery: mine, event, route, oldSecrets, digest: null }
  })
  return { claimed: all, inDigests, isMore }
}

function withRoute(delivery: Delivery, routes: Map<string, Route>) {
  const { routeId } = delivery
  const route = routes.get(routeId)
  invariant(route, `the route of ${delivery.id} is kept`)
  return { delivery, route, routeId, concurrency: policyOf(route).concurrency }
}
