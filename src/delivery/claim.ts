import { byIds, type Event } from '../event/index.ts'
import { oldSecretsOf, type Route, routesById } from '../party/index.ts'
import type { Db } from '../platform/database/index.ts'
import { invariant } from '../platform/invariant.ts'
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
export type Taken = { claimed: Claimed[]; inDigests: Delivery[] }

type Lease = { claimId: string; now: number; leaseMs: number; slots: Slots }

/** Takes what is due, longest first, as far as there are slots for it, under one claim. */
export async function claim(db: Db, { claimId, now, leaseMs, slots }: Lease): Promise<Taken> {
  const asked = { now, limit: slots.free(), busyRoutes: slots.full() }
  const found = slots.fitting(firstOfDigests(await store.due(db, asked)))
  const due = found.filter(({ digestId }) => digestId === null)
  const inDigests = found.filter(({ digestId }) => digestId !== null)
  const [first] = due
  if (!first) return { claimed: [], inDigests }
  db.foundBy(store.claimed(first.id, claimId))
  const leaseEnd = now + leaseMs
  await store.claimAll(
    db,
    due.map(({ id }) => id),
    claimId,
    leaseEnd,
  )
  const events = await byIds(db, [...new Set(due.map(({ eventId }) => eventId))])
  const routeIds = [...new Set(due.map(({ routeId }) => routeId))]
  const routes = await routesById(db, routeIds)
  const old = Map.groupBy(await oldSecretsOf(db, routeIds, now), ({ routeId }) => routeId)
  const all = due.map((delivery) => {
    const event = events.get(delivery.eventId)
    const route = routes.get(delivery.routeId)
    invariant(event && route, `the event and the route of ${delivery.id} are kept`)
    const oldSecrets = (old.get(delivery.routeId) ?? []).map(({ secret }) => secret)
    const taken = { ...delivery, ...claimed(delivery, claimId, leaseEnd) }
    return { delivery: taken, event, route, oldSecrets, digest: null }
  })
  return { claimed: all, inDigests }
}
