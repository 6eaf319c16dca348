import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Database, Db } from '../../src/platform/database/index.ts'
import { createRedeliveries, redeliveryById } from '../../src/redelivery/index.ts'
import { claimOn, recordOn, roadWithPayments, storedDeliveries } from '../support/claiming.ts'
import { most, stepOf, wanted } from '../support/redelivering.ts'
import type { Road } from '../support/road.ts'
import { expectBooksToBalance } from '../support/temp-database.ts'

/** Whatever breaks off, and whenever: each delivery that matches is handed out once. */
type Step = { do: 'step' | 'broken' | 'try' | 'wait' | 'another' | 'cancel' }

const chances: [number, Step['do']][] = [
  [8, 'step'],
  [4, 'broken'],
  [6, 'try'],
  [3, 'another'],
  [2, 'wait'],
  [1, 'cancel'],
]

const step: fc.Arbitrary<Step> = fc.oneof(
  ...chances.map(([weight, name]) => ({
    weight,
    arbitrary: fc.record({ do: fc.constant(name) }),
  })),
)

/** A process that is killed before its commit: all of its unit was done, and nothing is kept. */
function dyingDoor(database: Database): Database {
  return {
    ...database,
    write: <T>(work: (db: Db) => Promise<T>) =>
      database.write<T>(async (db) => {
        await work(db)
        throw new Error('killed')
      }),
  }
}

async function tryAll(road: Road): Promise<string[]> {
  const claimed = await claimOn(road, road.database, { limit: 1000 })
  await recordOn(road, road.database, claimed)
  return claimed.map(({ delivery }) => delivery.id)
}

async function walkThrough(road: Road, steps: Step[]): Promise<void> {
  road.clock.advance(60_000)
  const before = (await storedDeliveries(road)).map(({ id, eventId }) => ({ id, eventId }))
  const redeliveries = createRedeliveries({ ...road.tools, database: road.database })
  const { id } = await redeliveries.start(wanted({ accountId: 'partner1' }))
  const tried: string[] = []
  for (const { do: what } of [...steps, ...before.flatMap(() => toTheEnd)]) {
    if (what === 'step') await stepOf(road, 'clm_one')
    if (what === 'another') await stepOf(road, 'clm_two')
    if (what === 'broken')
      await stepOf(road, 'clm_one', dyingDoor(road.database)).catch((error) =>
        expect(error.message).toBe('killed'),
      )
    if (what === 'try') tried.push(...(await tryAll(road)))
    if (what === 'wait') road.clock.advance(6000)
    if (what === 'cancel') await redeliveries.cancel(id)
    const rows = await storedDeliveries(road)
    expect(rows.map((row) => ({ id: row.id, eventId: row.eventId }))).toEqual(before)
    const open = rows.filter(({ finishDate }) => finishDate === null)
    expect(open.length).toBeLessThanOrEqual(most)
  }
  const end = await road.database.read((db) => redeliveryById(db, id))
  const canceled = steps.some((one) => one.do === 'cancel') && end?.status === 'canceled'
  expect(end?.status).toBe(canceled ? 'canceled' : 'done')
  expect(tried).toHaveLength(end?.handedOut ?? -1)
  const all = before.map((one) => one.id)
  expect(tried.toSorted()).toEqual(all.slice(0, canceled ? tried.length : all.length))
}

/** A replay to a route of its own: `paid` payments are there, each with its other deliveries. */
async function replayThrough(road: Road, paid: number, steps: Step[]): Promise<void> {
  const given = { notify_method: 'api', contact_path: 'http://127.0.0.1:9/replay' } as const
  const { route } = await road.parties.createRoute('partner1', given)
  road.clock.advance(60_000)
  const redeliveries = createRedeliveries({ ...road.tools, database: road.database })
  const asked = wanted({ kind: 'replay', accountId: 'partner1', routeId: route.id })
  const { id } = await redeliveries.start(asked)
  const others = await storedDeliveries(road)
  for (const { do: what } of [...steps, ...others.flatMap(() => toTheEnd)]) {
    if (what === 'step') await stepOf(road, 'clm_one')
    if (what === 'another') await stepOf(road, 'clm_two')
    if (what === 'broken')
      await stepOf(road, 'clm_one', dyingDoor(road.database)).catch((error) =>
        expect(error.message).toBe('killed'),
      )
    if (what === 'try') await tryAll(road)
    if (what === 'wait') road.clock.advance(6000)
    if (what === 'cancel') await redeliveries.cancel(id)
  }
  const end = await road.database.read((db) => redeliveryById(db, id))
  const rows = await storedDeliveries(road)
  const made = rows.filter(({ routeId }) => routeId === route.id)
  expect(rows.filter(({ routeId }) => routeId !== route.id)).toEqual(others)
  expect(made).toHaveLength(end?.handedOut ?? -1)
  expect(new Set(made.map(({ paymentId }) => paymentId)).size).toBe(made.length)
  if (end?.status !== 'canceled') expect([end?.status, made.length]).toEqual(['done', paid])
  expect(made.every(({ status }) => status === 'delivered')).toBe(true)
}

/** However it began, this brings it to its end, five deliveries at a time. */
const toTheEnd: Step[] = [{ do: 'wait' }, { do: 'step' }, { do: 'try' }]

describe('a redelivery, wherever it is broken off or canceled', () => {
  it('hands out each delivery once, in their order, and neither loses nor adds a row', async () => {
    const road = await roadWithPayments({ routes: 2, count: 9 })
    await tryAll(road)
    const walks = fc.array(step, { minLength: 5, maxLength: 25, size: 'max' })
    await fc.assert(
      fc.asyncProperty(walks, (steps) => walkThrough(road, steps)),
      { numRuns: 30 },
    )
    await expectBooksToBalance(road.database)
  })

  it('makes each delivery of a replay once, and touches no other', async () => {
    const road = await roadWithPayments({ routes: 1, count: 9 })
    await tryAll(road)
    const walks = fc.array(step, { minLength: 5, maxLength: 20, size: 'max' })
    await fc.assert(
      fc.asyncProperty(walks, (steps) => replayThrough(road, 9, steps)),
      { numRuns: 6 },
    )
    await expectBooksToBalance(road.database)
  })
})
