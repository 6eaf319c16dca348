import { describe, expect, it } from '@jest/globals'
import type { Claimed } from '../../src/delivery/claim.ts'
import { events } from '../../src/event/index.ts'
import { payments } from '../../src/payment/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { claimOn, recordOn, roadWithPayments, storedDeliveries } from '../support/claiming.ts'
import type { Road } from '../support/road.ts'
import { openDoors } from '../support/temp-database.ts'

const count = 60

/** Two daemons, each of which holds one of the two deliveries of every payment. */
async function twoDaemons() {
  const road = await roadWithPayments({ routes: 2, count })
  const [left, right] = await openDoors(road.place, 2)
  if (!left || !right) throw new Error('there are two doors')
  const [route = ''] = new Set((await storedDeliveries(road)).map(({ routeId }) => routeId))
  const lefts = await claimOn(road, left, { limit: count, busyRoutes: [route] })
  const rights = await claimOn(road, right, { limit: 2 * count })
  expect([lefts.length, rights.length]).toEqual([count, count])
  const byPayment = (a: Claimed, b: Claimed) =>
    a.delivery.paymentId < b.delivery.paymentId ? -1 : 1
  return { road, left, right, lefts: lefts.sort(byPayment), rights: rights.sort(byPayment) }
}

/** The statuses of all payments, and how often each of them was said to be done. */
async function outcome({ database }: Road) {
  const [rows, told] = await database.read(async (db) => [
    await db.select(payments, sql`ORDER BY id`),
    await db.select(events, sql`WHERE type IN ('payment.notified', 'payment.failed')`),
  ])
  return {
    statuses: [...new Set(rows.map(({ status }) => status))],
    told: told.length,
    ofPayments: new Set(told.map(({ subject }) => subject)).size,
  }
}

describe('two daemons that finish the deliveries of a payment at the same instant', () => {
  it('make it notified, one payment after the other', async () => {
    const { road, left, right, lefts, rights } = await twoDaemons()
    for (const [i, one] of lefts.entries())
      await Promise.all([
        recordOn(road, left, [one]),
        recordOn(road, right, rights.slice(i, i + 1)),
      ])
    expect(await outcome(road)).toEqual({ statuses: ['notified'], told: count, ofPayments: count })
  })

  it('make all of them notified, in whatever order each has them', async () => {
    const { road, left, right, lefts, rights } = await twoDaemons()
    await Promise.all([
      recordOn(road, left, lefts),
      recordOn(road, right, rights.toReversed().slice(0, count / 2)),
      recordOn(road, right, rights.toReversed().slice(count / 2)),
    ])
    expect(await outcome(road)).toEqual({ statuses: ['notified'], told: count, ofPayments: count })
  })

  it('make it failed when one of them has given up', async () => {
    const { road, left, right, lefts, rights } = await twoDaemons()
    for (const [i, one] of lefts.entries())
      await Promise.all([
        recordOn(road, left, [one], i % 2 === 0),
        recordOn(road, right, rights.slice(i, i + 1), i % 2 === 1),
      ])
    expect(await outcome(road)).toEqual({ statuses: ['failed'], told: count, ofPayments: count })
  })
})
