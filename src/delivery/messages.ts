import { append, type NewEvent } from '../event/index.ts'
import type { Db } from '../platform/database/index.ts'
import type { NewId } from '../platform/id.ts'
import type { Delivery, Sent, SmsMessage } from './delivery.ts'
import * as store from './store.ts'

type Tried = { delivery: Delivery; sent: Sent }

type Made = { newId: NewId; now: number }

/**
 * Keeps what providers call the messages that they took, with the delivery of each. A report that
 * was quicker than the record of its attempt waits here, and is told now.
 */
export async function linkMessages(db: Db, tried: Tried[], made: Made): Promise<void> {
  const taken = new Map<string, Delivery>()
  for (const { delivery, sent } of tried) if (sent.messageId) taken.set(sent.messageId, delivery)
  if (taken.size === 0) return
  const known = await store.holdMessages(db, [...taken.keys()])
  const fresh = [...taken].filter(([id]) => !known.has(id))
  await store.insertMessages(
    db,
    fresh.map(([id, { id: deliveryId }]) => unreported(id, deliveryId, made.now)),
  )
  for (const [id, message] of known) {
    const delivery = taken.get(id)
    if (!delivery) continue
    // A text that is sent again under an id of ours is the last that was sent from now on.
    const linked = { ...message, deliveryId: delivery.id, createDate: made.now }
    await store.updateMessage(db, linked)
    if (message.deliveryId === null && message.reportStatus !== null)
      await append(db, [reported(linked, delivery, made)])
  }
}

export function unreported(id: string, deliveryId: string | null, now: number): SmsMessage {
  const noReport = { reportStatus: null, reportDetail: null, reportDate: null }
  return { id, deliveryId, createDate: now, ...noReport }
}

/** The event of what a message's report says by now. */
export function reported(message: SmsMessage, delivery: Delivery, { newId, now }: Made): NewEvent {
  return {
    id: newId('evt'),
    type: 'delivery.reported',
    subject: delivery.id,
    time: now,
    data: {
      payment_id: delivery.paymentId,
      route_id: delivery.routeId,
      notify_method: delivery.notifyMethod,
      message_id: message.id,
      status: message.reportStatus,
      detail: message.reportDetail,
    },
  }
}
