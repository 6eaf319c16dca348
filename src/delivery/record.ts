import { append, type NewEvent } from '../event/index.ts'
import type { Db } from '../platform/database/index.ts'
import type { Random } from '../platform/random.ts'
import type { Tools } from '../platform/tools.ts'
import { attempted, type Delivery, type Sent } from './delivery.ts'
import * as store from './store.ts'

/** A try that was made under a claim. */
export type Tried = { delivery: Delivery; sent: Sent; startDate: number; durationMs: number }

/** All deliveries of a payment are done: `delivered` says whether each of them was. */
export type Done = { paymentId: string; delivered: boolean; time: number }

/** Called inside the transaction that records the last attempt. */
export type OnDone = (db: Db, done: Done[]) => Promise<void>

type Deps = Tools & { random: Random; schedule: number[]; onDone: OnDone }

/** What a try came to for its delivery; `late` when another daemon holds the claim by now. */
export type Recorded = 'delivered' | 'failed' | 'pending' | 'late'

/** Records tries, each with its row; moves on only those deliveries whose claim still holds. */
export async function record(db: Db, tried: Tried[], deps: Deps): Promise<Recorded[]> {
  const { clock, newId } = deps
  const now = clock.now()
  await store.insertAttempts(
    db,
    tried.map(({ delivery, sent, startDate, durationMs }) => ({
      id: newId('att'),
      deliveryId: delivery.id,
      startDate,
      durationMs,
      result: sent.delivered ? 'delivered' : 'failed',
      status: sent.status,
      error: sent.error,
      answer: sent.answer,
    })),
  )

  await count(db, tried)

  const stored = await store.deliveriesById(
    db,
    tried.map(({ delivery }) => delivery.id),
  )
  const held = tried.filter(({ delivery }) => holds(stored.get(delivery.id), delivery))
  const next = new Map(
    held.map(({ delivery, sent }) => [
      delivery.id,
      { delivery, state: attempted(delivery, sent.delivered, { ...deps, now }) },
    ]),
  )
  await moveOn(db, [...next.values()])
  await finish(db, [...next.values()], deps, now)
  return tried.map(({ delivery }) => {
    const status = next.get(delivery.id)?.state.status
    return status === undefined || status === 'sending' ? 'late' : status
  })
}

async function count(db: Db, tried: Tried[]): Promise<void> {
  const kinds = tried.map(({ delivery: { notifyMethod }, sent: { delivered } }) => ({
    notifyMethod,
    result: delivered ? 'delivered' : 'failed',
  }))
  for (const same of Map.groupBy(kinds, (kind) => Object.values(kind).join()).values())
    if (same[0]) await store.addToTotals(db, { ...same[0], count: same.length })
}

function holds(stored: Delivery | undefined, mine: Delivery): boolean {
  return stored?.status === 'sending' && stored.claimId === mine.claimId
}

type Next = { delivery: Delivery; state: ReturnType<typeof attempted> }

/** Deliveries that got through share one state; those to be tried again have a time each. */
async function moveOn(db: Db, next: Next[]): Promise<void> {
  const groups = Map.groupBy(next, ({ state }) => `${state.status} ${state.dueDate}`)
  for (const group of groups.values()) {
    const ids = group.map(({ delivery }) => delivery.id)
    if (group[0]) await store.setState(db, ids, group[0].state)
  }
  if (next.some(({ state }) => state.status === 'pending')) db.announce('deliveries')
}

/** Writes what happened, and tells whoever waits for a payment when its last delivery is done. */
async function finish(db: Db, next: Next[], { newId, onDone }: Deps, now: number): Promise<void> {
  const finished = next.filter(({ state }) => state.finishDate !== null)
  if (finished.length === 0) return
  await append(
    db,
    finished.map(
      ({ delivery, state }): NewEvent => ({
        id: newId('evt'),
        type: state.status === 'delivered' ? 'delivery.delivered' : 'delivery.failed',
        subject: delivery.id,
        time: now,
        data: {
          payment_id: delivery.paymentId,
          route_id: delivery.routeId,
          notify_method: delivery.notifyMethod,
          attempts: delivery.attempts,
        },
      }),
    ),
  )
  const paymentIds = [...new Set(finished.map(({ delivery }) => delivery.paymentId))]
  const all = Map.groupBy(await store.ofPayments(db, paymentIds), (one) => one.paymentId)
  const done = paymentIds.flatMap((paymentId): Done[] => {
    const siblings = all.get(paymentId) ?? []
    if (siblings.some(({ finishDate }) => finishDate === null)) return []
    const delivered = siblings.every(({ status }) => status === 'delivered')
    return [{ paymentId, delivered, time: now }]
  })
  await onDone(db, done)
}
