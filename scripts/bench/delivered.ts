import { setTimeout as wait } from 'node:timers/promises'
import { check } from './case.ts'
import { type Door, load } from './load.ts'
import type { Partner } from './partner.ts'
import type { Place } from './place.ts'

/** Far enough away that nothing is due before the backlog is whole. */
export const farSchedule = { DELIVERY_SCHEDULE: '36000' }

type Given = { place: Place; partner: Partner; door: Door; count: number }

/** Messages a second when so many get due in the same moment, each of them heard once. */
export async function rateOfDelivery({ place, partner, door, count }: Given): Promise<number> {
  await load(door, count)
  await untilNone(place, 'SELECT proofs FROM spool_totals')
  partner.forget()
  await place.run(`UPDATE deliveries SET due_date = 0 WHERE status = 'pending'`)
  const { received, distinct, firstAt, lastAt } = await partner.hearing(count)
  check(distinct === received, `${received} messages with ${distinct} ids`)
  await untilNone(place, `SELECT COUNT(*) FROM payments WHERE status = 'received'`)
  return (distinct - 1) / (Number(lastAt - firstAt) / 1e9)
}

export async function untilNone({ ask }: Place, query: string): Promise<void> {
  for (let tries = 0; tries < 2400; tries += 1) {
    if ((await ask(query)) === 0) return
    await wait(50)
  }
  throw new Error(`the payment processor does not get done: ${query}`)
}
