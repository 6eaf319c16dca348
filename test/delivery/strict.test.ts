import { describe, expect, it } from '@jest/globals'
import { moveUp } from '../../src/delivery/strict.ts'
import { events } from '../../src/event/index.ts'
import { payments } from '../../src/payment/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { createIds } from '../../src/platform/id.ts'
import { handOutFirst } from '../../src/redelivery/hand-out.ts'
import { claimOn, leaseMs, recordOn, storedDeliveries } from '../support/claiming.ts'
import { numberThem } from '../support/event.ts'
import { arrive, type Road } from '../support/road.ts'
import {
  next,
  paymentsOf,
  type StrictRoad,
  statuses,
  strictRoad,
  usher,
  waitingTurns,
} from '../support/strict.ts'

const schedule = [0, 5000]

/** Sends what comes, one after another, until nothing does; the payments that were told. */
async function tellAll(road: Road, delivered: (count: number) => boolean = () => true) {
  const told: string[] = []
  for (;;) {
    const claimed = await next(road)
    if (claimed.length === 0) return told
    expect(claimed).toHaveLength(1)
    await recordOn(road, road.database, claimed, delivered(told.length), { schedule })
    told.push(...paymentsOf(claimed))
  }
}

const change = (road: StrictRoad, given: { ordering?: 'none' | 'strict'; enabled?: boolean }) =>
  road.parties.changeRoute('partner1', road.route.id, given)

async function deliveryOf(road: Road, paymentId: string | undefined): Promise<string> {
  const row = (await storedDeliveries(road)).find((one) => one.paymentId === paymentId)
  return row?.id ?? ''
}

describe('a strict route', () => {
  it('tells payments one at a time, in their order', async () => {
    const road = await strictRoad()
    const paid = [...(await arrive(road, 3)), ...(await arrive(road, 2))]
    expect(Object.values(await statuses(road))).toEqual(Array(5).fill('waiting'))
    expect(await tellAll(road)).toEqual(paid)
    expect(await waitingTurns(road)).toEqual([])
  })

  it('goes by the numbers of the events, whatever their ids say', async () => {
    const road = await strictRoad()
    const early = { now: () => road.clock.now() - 5000 }
    const before = { clock: early, newId: createIds(early) }
    const paid = await arrive(road, 2)
    await numberThem(road.database)
    paid.push(...(await arrive(road, 2, { tools: before })))
    const byId = (await storedDeliveries(road)).map(({ paymentId }) => paymentId)
    expect(byId).toEqual([...paid.slice(2), ...paid.slice(0, 2)])
    expect(await tellAll(road)).toEqual(paid)
  })

  it('lets a payment wait until its event has a number', async () => {
    const road = await strictRoad()
    await arrive(road, 1)
    await road.database.write((db) => moveUp(db, road.clock.now()))
    const without = road.database.commitsOverlap ? 'waiting' : 'pending'
    expect(Object.values(await statuses(road))).toEqual([without])
    expect(await next(road)).toHaveLength(1)
  })

  it('keeps all waiting behind one that is to be tried again', async () => {
    const road = await strictRoad()
    const [first, second] = await arrive(road, 3)
    await recordOn(road, road.database, await next(road), false, { schedule })
    road.clock.advance(3999)
    expect(await next(road)).toEqual([])
    road.clock.advance(2001)
    expect(paymentsOf(await next(road))).toEqual([first])
    const rows = await storedDeliveries(road)
    expect(rows.map(({ status }) => status)).toEqual(['sending', 'waiting', 'waiting'])
    expect(rows[1]).toMatchObject({ paymentId: second, dueDate: null })
  })

  it('gives back the one whose lease has ended, and not the next', async () => {
    const road = await strictRoad()
    const [first] = await arrive(road, 2)
    expect(paymentsOf(await next(road))).toEqual([first])
    expect(await next(road)).toEqual([])
    road.clock.advance(leaseMs)
    expect(paymentsOf(await next(road))).toEqual([first])
  })

  it('parks one that has given up, says so, and goes on', async () => {
    const road = await strictRoad()
    const [first = '', second] = await arrive(road, 2)
    for (const waitMs of [6000, 0]) {
      const claimed = await next(road)
      expect(paymentsOf(claimed)).toEqual([first])
      await recordOn(road, road.database, claimed, false, { schedule })
      road.clock.advance(waitMs)
    }
    expect((await statuses(road))[first]).toBe('parked')
    const happened = await road.database.read((db) =>
      db.select(events, sql`WHERE type LIKE 'delivery.%'`),
    )
    expect(happened).toMatchObject([
      { type: 'delivery.parked', subject: await deliveryOf(road, first) },
    ])
    const [payment] = await road.database.read((db) =>
      db.select(payments, sql`WHERE id = ${first}`),
    )
    expect(payment).toMatchObject({ status: 'failed', processError: true })
    expect(paymentsOf(await next(road))).toEqual([second])
  })

  it('makes no turn for the deliveries of other routes', async () => {
    const road = await strictRoad('none')
    await arrive(road, 3)
    expect(Object.values(await statuses(road))).toEqual(Array(3).fill('pending'))
    expect(await waitingTurns(road)).toEqual([])
  })
})

describe('a delivery that is made again on a strict route', () => {
  it('is before all that came after it, as soon as nothing is under way', async () => {
    const road = await strictRoad()
    const paid = await arrive(road, 4)
    for (const payment of paid.slice(0, 2)) {
      const claimed = await next(road)
      expect(paymentsOf(claimed)).toEqual([payment])
      await recordOn(road, road.database, claimed, false)
    }
    const third = await next(road)
    await road.redeliver(await deliveryOf(road, paid[1]))
    await road.redeliver(await deliveryOf(road, paid[0]))
    expect(await next(road)).toEqual([])
    await recordOn(road, road.database, third)
    expect(await tellAll(road)).toEqual([paid[0], paid[1], paid[3]])
  })

  it('is due at once where it is the first, and stays in line where it is not', async () => {
    const road = await strictRoad()
    const paid = await arrive(road, 3)
    await recordOn(road, road.database, await next(road), false, { schedule })
    for (const payment of [paid[2], paid[0]]) await road.redeliver(await deliveryOf(road, payment))
    expect(await waitingTurns(road)).toHaveLength(3)
    expect(await tellAll(road)).toEqual(paid)
  })

  it('may be one that the route never had', async () => {
    const road = await strictRoad()
    await change(road, { enabled: false })
    const missed = await arrive(road, 2)
    await change(road, { enabled: true })
    const paid = await arrive(road, 2)
    const matches = missed.map((paymentId) => ({
      id: paymentId,
      paymentId,
      routeId: road.route.id,
    }))
    await road.database.write((db) => handOutFirst(db, matches, road.tools))
    expect(await tellAll(road)).toEqual([...missed, ...paid])
  })
})

describe('a route whose ordering is changed', () => {
  it('puts in line what is open, each to be tried no earlier than it was', async () => {
    const road = await strictRoad('none')
    const paid = await arrive(road, 5)
    const claimed = await claimOn(road, road.database, { limit: 2 })
    const [under, failed] = claimed
    if (!under || !failed) throw new Error('two are under way')
    await recordOn(road, road.database, [failed], false, { schedule })
    await change(road, { ordering: 'strict' })
    expect(await next(road)).toEqual([])
    await recordOn(road, road.database, [under])
    const rest = paid.filter((one) => one !== under.delivery.paymentId)
    expect(rest[0]).toBe(failed.delivery.paymentId)
    expect(await next(road)).toEqual([])
    road.clock.advance(5000)
    expect(await tellAll(road)).toEqual(rest)
  })

  it('puts in line more than one statement meets, and lets them all go again', async () => {
    const road = await strictRoad('none')
    for (let i = 0; i < 9; i += 1) await arrive(road, 250)
    await change(road, { ordering: 'strict' })
    expect(await waitingTurns(road)).toHaveLength(2250)
    // More than are numbered or written down at once.
    for (let i = 0; i < 3; i += 1) await usher(road)
    const pending = async () =>
      Object.values(await statuses(road)).filter((one) => one === 'pending').length
    expect(await pending()).toBe(1)
    await change(road, { ordering: 'none' })
    expect(await waitingTurns(road)).toEqual([])
    expect(await pending()).toBe(2250)
  })

  it('stays as it is when it is given the ordering that it has', async () => {
    const road = await strictRoad()
    const paid = await arrive(road, 2)
    await recordOn(road, road.database, await next(road), false, { schedule })
    await change(road, { ordering: 'strict' })
    expect(await next(road)).toEqual([])
    road.clock.advance(5000)
    expect(await tellAll(road)).toEqual(paid)
  })

  it('goes on with what was open when it is enabled again', async () => {
    const road = await strictRoad()
    const paid = await arrive(road, 3)
    await change(road, { enabled: false })
    await arrive(road, 1)
    expect(await tellAll(road)).toEqual([])
    await change(road, { enabled: true })
    expect(await tellAll(road)).toEqual(paid)
  })
})
