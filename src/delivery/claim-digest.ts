import { byIds } from '../event/index.ts'
import { routesById } from '../party/index.ts'
import type { Db } from '../platform/database/index.ts'
import { invariant } from '../platform/invariant.ts'
import type { Claimed } from './claim.ts'
import { claimed, type Delivery } from './delivery.ts'
import { isGathering, mostInDigest } from './digest.ts'
import * as store from './store.ts'

/** `digestId` is for those that are in no digest yet. */
type Lease = { claimId: string; digestId: string; now: number; leaseMs: number }

/**
 * Takes the digest of a delivery that was found due, whole, or nothing where another daemon was
 * faster. It waits for what others hold for a moment, so that they do not get a part each, and is a
 * unit of its own so that they wait for it in one order.
 */
export async function claimDigest(
  db: Db,
  found: Delivery,
  { claimId, digestId, now, leaseMs }: Lease,
): Promise<Claimed | null> {
  const together = await store.holdDigest(db, found, { now, most: mostInDigest })
  const [first] = together
  if (!first) return null
  db.foundBy(store.claimed(first.id, claimId))
  const leaseEnd = now + leaseMs
  const ids = together.map(({ id }) => id)
  await store.claimAll(db, ids, claimId, leaseEnd)
  const id = isGathering(found) ? digestId : `${found.digestId}`
  if (isGathering(found)) await store.putInDigest(db, ids, id)

  const events = await byIds(
    db,
    together.map(({ eventId }) => eventId),
  )
  const route = (await routesById(db, [found.routeId])).get(found.routeId)
  const members = together.map((delivery) => {
    const event = events.get(delivery.eventId)
    invariant(event, `the event of ${delivery.id} is kept`)
    const taken = { ...delivery, ...claimed(delivery, claimId, leaseEnd), digestId: id }
    return { delivery: taken, event }
  })
  const [head] = members
  invariant(route && head, `the route of ${first.id} is kept`)
  return { ...head, route, oldSecrets: [], digest: { id, members } }
}
