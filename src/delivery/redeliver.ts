import { append } from '../event/index.ts'
import type { Database, Db } from '../platform/database/index.ts'
import { Refused } from '../platform/problem.ts'
import type { Tools } from '../platform/tools.ts'
import { type Delivery, requeued } from './delivery.ts'
import * as store from './store.ts'

/** Called inside the transaction that opens a delivery again. */
export type OnReopened = (db: Db, paymentIds: string[]) => Promise<void>

type Deps = Tools & { database: Database; onReopened: OnReopened }

/** Makes a delivery due now, with its whole schedule before it, unless it is being sent. */
export async function redeliver(deps: Deps, id: string): Promise<Delivery> {
  const { database, clock, newId, onReopened } = deps
  return database.write(async (db) => {
    const delivery = await store.holdDelivery(db, id)
    if (!delivery) throw new Refused('not_found', `There is no delivery ${id}.`)
    if (delivery.status === 'sending')
      throw new Refused('in_use', `The delivery ${id} is being sent right now.`)
    const time = clock.now()
    const state = requeued(time)
    await store.setState(db, [id], state)
    await store.resetAttempts(db, [id])
    const data = { payment_id: delivery.paymentId, was: delivery.status }
    const event = { id: newId('evt'), type: 'delivery.requeued' as const, subject: id, time, data }
    await append(db, [event])
    await onReopened(db, [delivery.paymentId])
    db.announce('deliveries')
    return { ...delivery, ...state }
  })
}
