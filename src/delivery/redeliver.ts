import { append, type NewEvent } from '../event/index.ts'
import type { Database, Db } from '../platform/database/index.ts'
import { isOwn, type Own } from '../platform/own.ts'
import { Refused } from '../platform/problem.ts'
import type { Tools } from '../platform/tools.ts'
import { type Delivery, requeued } from './delivery.ts'
import { digestAgainDue } from './digest.ts'
import { noDelivery } from './read.ts'
import * as store from './store.ts'

/** Called inside the transaction that opens a delivery again. */
export type OnReopened = (db: Db, paymentIds: string[]) => Promise<void>

type Deps = Tools & { database: Database; onReopened: OnReopened }

/**
 * Makes a delivery due now, with its whole schedule before it, unless it is being sent. What went
 * in a digest goes in another, with what else is begun anew in the same minute.
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
  const idsOf = (some: Delivery[]) => some.map(({ id }) => id)
  const inDigests = held.filter(({ digestId }) => digestId !== null)
  const alone = held.filter(({ digestId }) => digestId === null)
  await store.setState(db, idsOf(alone), requeued(time))
  await store.setState(db, idsOf(inDigests), requeued(digestAgainDue(time)))
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
  await onReopened(db, [...new Set(held.map(({ paymentId }) => paymentId))])
  db.announce('deliveries')
}
