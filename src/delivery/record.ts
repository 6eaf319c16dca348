import { append, type NewEvent } from '../event/index.ts'
import { isStrict, policyOf, type Route } from '../party/index.ts'
import type { Db } from '../platform/database/index.ts'
import type { Random } from '../platform/random.ts'
import type { Tools } from '../platform/tools.ts'
import type { Rules } from './breaker.ts'
import { attempted, type Delivery, type Finished, type Sent } from './delivery.ts'
import { heed } from './heed.ts'
import { linkMessages } from './messages.ts'
import type { Tries } from './recent.ts'
import * as store from './store.ts'

/** A try that was made under a claim; `recent` is how its route's tries went of late. */
export type Tried = {
  delivery: Delivery
  route: Route
  sent: Sent
  startDate: number
  durationMs: number
  recent: Tries[]
  /** It went with another, by which their lane is judged. */
  besides?: boolean
}

/** All deliveries of a payment are done: `delivered` says whether each of them was. */
export type Done = { paymentId: string; delivered: boolean; time: number }

/** Called inside the transaction that records the last attempt. */
export type OnDone = (db: Db, done: Done[]) => Promise<void>

type Deps = Tools & { random: Random; schedule: number[]; rules: Rules; onDone: OnDone }

/** What a try came to for its delivery; `late` when another daemon holds the claim by now. */
export type Recorded = Finished | 'pending' | 'late'

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
      stage: sent.stage,
    })),
  )

  const paymentIds = [...new Set(tried.map(({ delivery }) => delivery.paymentId))]
  const siblings = await store.holdOfPayments(db, paymentIds)
  const stored = new Map(siblings.map((one) => [one.id, one]))
  const held = tried.filter(({ delivery }) => holds(stored.get(delivery.id), delivery))
  const next = new Map(
    held.map(({ delivery, route, sent }) => {
      const schedule = policyOf(route).schedule ?? deps.schedule
      const strict = isStrict(route)
      const state = attempted(delivery, sent, { ...deps, schedule, now, strict })
      return [delivery.id, { delivery, strict, state }]
    }),
  )
  await moveOn(db, [...next.values()])
  const after = siblings.map((one) => ({ ...one, ...next.get(one.id)?.state }))
  await finish(db, { next: [...next.values()], siblings: after, now }, deps)
  await linkMessages(db, tried, { newId, now })
  await heed(
    db,
    tried.filter(({ besides }) => !besides),
    deps,
  )
  await count(db, tried)
  return tried.map(({ delivery }) => next.get(delivery.id)?.state.status ?? 'late')
}

/** Last, since all daemons want these few rows and the unit holds them from here on. */
async function count(db: Db, tried: Tried[]): Promise<void> {
  await store.addToTotals(
    db,
    tried.map(({ delivery: { notifyMethod }, sent: { delivered } }) => ({
      notifyMethod,
      result: delivered ? 'delivered' : 'failed',
      count: 1,
    })),
  )
}

function holds(stored: Delivery | undefined, mine: Delivery): boolean {
  return stored?.status === 'sending' && stored.claimId === mine.claimId
}

type Next = { delivery: Delivery; strict: boolean; state: ReturnType<typeof attempted> }

/** Deliveries that got through share one state; those to be tried again have a time each. */
async function moveOn(db: Db, next: Next[]): Promise<void> {
  const groups = Map.groupBy(next, ({ state }) => `${state.status} ${state.dueDate}`)
  for (const group of groups.values()) {
    const ids = group.map(({ delivery }) => delivery.id)
    if (group[0]) await store.setState(db, ids, group[0].state)
  }
  if (next.some(({ state }) => state.status === 'pending')) db.announce('deliveries')
}

/** `siblings` are all deliveries of the payments that were tried, as they are by now. */
type Finishing = { next: Next[]; siblings: Delivery[]; now: number }

/** Writes what happened, and tells whoever waits for a payment when its last delivery is done. */
async function finish(db: Db, { next, siblings, now }: Finishing, { newId, onDone }: Deps) {
  const finished = next.filter(({ state }) => state.finishDate !== null)
  if (finished.length === 0) return
  if (finished.some(({ strict }) => strict)) db.announce('turns')
  await append(
    db,
    finished.map(
      ({ delivery, state }): NewEvent => ({
        id: newId('evt'),
        type: `delivery.${state.status as Finished}`,
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
  const all = Map.groupBy(siblings, (one) => one.paymentId)
  const done = paymentIds.flatMap((paymentId): Done[] => {
    const own = all.get(paymentId) ?? []
    if (own.some(({ finishDate }) => finishDate === null)) return []
    const delivered = own.every(({ status }) => status === 'delivered')
    return [{ paymentId, delivered, time: now }]
  })
  await onDone(db, done)
}
