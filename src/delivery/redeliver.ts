import { append, type NewEvent } from '../event/index.ts'
import { isStrict, routesById } from '../party/index.ts'
import type { Database, Db } from '../platform/database/index.ts'
import { isOwn, type Own } from '../platform/own.ts'
import { Refused } from '../platform/problem.ts'
import type { Tools } from '../platform/tools.ts'
import { type Delivery, requeued } from './delivery.ts'
import { digestAgainDue } from './digest.ts'
import { noDelivery } from './read.ts'
import * as store from './store.ts'
import { putInLine } from './strict.ts'

/** Called inside the transaction that opens a delivery again. */
export type OnReopened = (db: Db, paymentIds: string[]) => Promise<void>

type Deps = Tools & { database: Database; onReopened: OnReopened }

/**
 * Makes a delivery due now, or as soon as it is its turn, with its whole schedule before it, unless
 * it is being sent. What went in a digest goes in another, with what else is begun anew in the same
 * minute.
 */
export async function redeliver(
  { database, ...deps }: Deps,
  own: Own,
  id: string,
): Promise<Delivery> {
  return database.write(async (db) => {
    const delivery = await store.holdDelivery(db, id)
    if (!delivery || !isOwn(own, delivery.accountId)) throw noDelivery(id)
    if (delivery.status === 'sending')
      throw new Refused('in_use', `The delivery ${id} is being sent right now.`)
    await requeue(db, [delivery], deps)
    return (await store.deliveriesById(db, [id])).get(id) ?? delivery
  })
}

/** Begins deliveries anew that this unit holds and nobody is sending. */
export async function requeue(
  db: Db,
  held: Delivery[],
  { clock, newId, onReopened }: Omit<Deps, 'database'>,
): Promise<void> {
  const time = clock.now()
  const anew = held.map((one) => ({
    ...one,
    ...requeued(one.digestId === null ? time : digestAgainDue(time)),
  }))
  const idsOf = (some: Delivery[]) => some.map(({ id }) => id)
  for (const some of Map.groupBy(anew, ({ dueDate }) => dueDate).values())
    if (some[0]) await store.setState(db, idsOf(some), some[0])
  await store.resetAttempts(db, idsOf(held))
  await append(
    db,
    held.map(
      ({ id, paymentId, status }): NewEvent => ({
        id: newId('evt'),
        type: 'delivery.requeued',
        subject: id,
        time,
        data: { payment_id: paymentId, was: status },
      }),
    ),
  )
  // After an event, which stays: by the first row that it writes a unit is found again.
  await putInLine(db, await onStrict(db, anew))
  await onReopened(db, [...new Set(held.map(({ paymentId }) => paymentId))])
  db.announce('deliveries')
}

/** Those whose routes are strict, and stay so until this unit ends. */
async function onStrict(db: Db, all: Delivery[]): Promise<Delivery[]> {
  const routeIds = [...new Set(all.map(({ routeId }) => routeId))]
  const routes = await routesById(db, routeIds, db.held('refer'))
  return all.filter(({ routeId }) => {
    const route = routes.get(routeId)
    return route !== undefined && isStrict(route)
  })
}
