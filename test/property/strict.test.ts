import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Claimed } from '../../src/delivery/claim.ts'
import { moveUp } from '../../src/delivery/strict.ts'
import { sql } from '../../src/platform/database/index.ts'
import { createIds } from '../../src/platform/id.ts'
import { claimOn, leaseMs, recordOn, storedDeliveries } from '../support/claiming.ts'
import { numberedEvents, numberThem } from '../support/event.ts'
import { arrive } from '../support/road.ts'
import { type StrictRoad, strictRoad, waitingTurns } from '../support/strict.ts'
import { expectBooksToBalance } from '../support/temp-database.ts'

/**
 * A random walk of payments, daemons, failures, ends of leases and restarts. The partner hears a
 * payment when a daemon comes back with a result, however late that is.
 */
const schedule = [0, 1000, 5000]

type Step =
  | { do: 'arrive'; count: number; late: boolean }
  | { do: 'number' | 'move up' | 'claim' | 'restart' }
  | { do: 'result'; pick: number; delivered: boolean }
  | { do: 'wait'; ms: number }
  | { do: 'redeliver'; pick: number }

const chances: [weight: number, arbitrary: fc.Arbitrary<Step>][] = [
  [3, fc.record({ do: fc.constant('arrive'), count: fc.nat({ max: 3 }), late: fc.boolean() })],
  [3, fc.record({ do: fc.constant('number') })],
  [6, fc.record({ do: fc.constant('move up') })],
  [6, fc.record({ do: fc.constant('claim') })],
  [6, fc.record({ do: fc.constant('result'), pick: fc.nat(), delivered: fc.boolean() })],
  [4, fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(1200, 6000, leaseMs) })],
  [1, fc.record({ do: fc.constant('restart') })],
  [1, fc.record({ do: fc.constant('redeliver'), pick: fc.nat() })],
]

const step = fc.oneof(...chances.map(([weight, arbitrary]) => ({ weight, arbitrary })))

type Walk = {
  road: StrictRoad
  paid: string[]
  /** Claims that some daemon has in hand. */
  held: Claimed[]
  heard: string[]
  parked: Set<string>
}

async function come(walk: Walk, { count, late }: { count: number; late: boolean }) {
  const { road, paid } = walk
  const clock = { now: () => road.clock.now() - (late ? 9000 : 0) }
  paid.push(...(await arrive(road, count, { tools: { clock, newId: createIds(clock) } })))
}

async function comeBack(walk: Walk, { pick, delivered }: { pick: number; delivered: boolean }) {
  const { road, held, heard, parked } = walk
  const [one] = held.splice(pick % Math.max(1, held.length), 1)
  if (!one) return
  const { paymentId } = one.delivery
  if (delivered) heard.push(paymentId)
  const [result] = await recordOn(road, road.database, [one], delivered, { schedule })
  if (result === 'parked') parked.add(paymentId)
}

async function redeliver({ road }: Walk, { pick }: { pick: number }) {
  const free = (await storedDeliveries(road)).filter(({ status }) => status !== 'sending')
  const one = free[pick % Math.max(1, free.length)]
  if (one) await road.redeliver(one.id)
}

async function take(walk: Walk, next: Step): Promise<void> {
  const { road } = walk
  if (next.do === 'arrive') await come(walk, next)
  if (next.do === 'number') await numberThem(road.database)
  if (next.do === 'move up') await road.database.write((db) => moveUp(db, road.clock.now()))
  if (next.do === 'claim') walk.held.push(...(await claimOn(road, road.database, { limit: 5 })))
  if (next.do === 'result') await comeBack(walk, next)
  if (next.do === 'wait') road.clock.advance(next.ms)
  if (next.do === 'restart') walk.held.length = 0
  if (next.do === 'redeliver') await redeliver(walk, next)
}

async function expectOneAtATime({ road }: Walk): Promise<void> {
  const rows = await storedDeliveries(road)
  const underWay = rows.filter(({ status }) => status === 'pending' || status === 'sending')
  expect(underWay.length).toBeLessThanOrEqual(1)
  const waiting = rows.filter(({ status }) => status === 'waiting').map(({ id }) => id)
  expect((await waitingTurns(road)).map(({ deliveryId }) => deliveryId)).toEqual(waiting)
}

/** A daemon to whom nothing happens does what is left. */
async function finish(walk: Walk): Promise<void> {
  const isOpen = async () =>
    (await storedDeliveries(walk.road)).some(({ finishDate }) => finishDate === null)
  while (await isOpen()) {
    for (const next of ['number', 'move up', 'claim'] as const) await take(walk, { do: next })
    while (walk.held.length > 0) await take(walk, { do: 'result', pick: 0, delivered: true })
    await take(walk, { do: 'wait', ms: leaseMs })
  }
}

async function expectOrder({ road, paid, heard, parked }: Walk): Promise<void> {
  const happened = await numberedEvents(road.database)
  const received = happened.filter(({ type }) => type === 'payment.received')
  const own = new Set(paid)
  const inOrder = received.map(({ subject }) => subject).filter((id) => own.has(id))
  expect(inOrder).toHaveLength(paid.length)
  const first = [...new Set(heard)]
  expect(first.filter((id) => !parked.has(id))).toEqual(inOrder.filter((id) => !parked.has(id)))
  for (const row of await storedDeliveries(road))
    expect(
      row.status === 'delivered' || (row.status === 'parked' && parked.has(row.paymentId)),
    ).toBe(true)
}

async function emptied(road: StrictRoad): Promise<void> {
  await road.database.write(async (db) => {
    for (const table of [
      sql`DELETE FROM attempts`,
      sql`DELETE FROM deliveries`,
      sql`DELETE FROM payments`,
      sql`DELETE FROM turns`,
    ])
      await db.run(table)
  })
}

describe('a strict route, whatever daemons do', () => {
  it('tells each payment, first in the order of the payments, one at a time', async () => {
    const road = await strictRoad()
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 25, maxLength: 50, size: 'max' }),
        async (steps) => {
          await emptied(road)
          const walk: Walk = { road, paid: [], held: [], heard: [], parked: new Set() }
          for (const next of steps) {
            await take(walk, next)
            await expectOneAtATime(walk)
          }
          await finish(walk)
          await expectOrder(walk)
        },
      ),
      { numRuns: globalThis.databaseServer ? 15 : 40 },
    )
    await expectBooksToBalance(road.database)
  })
})
