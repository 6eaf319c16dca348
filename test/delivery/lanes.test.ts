import { describe, expect, it } from '@jest/globals'
import type { Sent } from '../../src/delivery/delivery.ts'
import { attempts, deliveries } from '../../src/delivery/index.ts'
import { payments } from '../../src/payment/index.ts'
import { type Database, sql } from '../../src/platform/database/index.ts'
import { serviceSuite } from '../platform/service.suite.ts'
import { atEnd } from '../support/at-end.ts'
import { channel, delivered, failed, lanesOn, leaseMs, schedule } from '../support/daemon.ts'
import { arrive, openRoad, type Road } from '../support/road.ts'
import { expectBooksToBalance, openPlace } from '../support/temp-database.ts'
import { turns, watched } from '../support/turns.ts'
import { until } from '../support/until.ts'

async function roadWithPartner(routes = 1) {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  await road.partner('partner1', routes)
  return road
}

const stored = (road: Road) =>
  road.database.read(async (db) => ({
    deliveries: await db.select(deliveries, sql`ORDER BY id`),
    attempts: await db.select(attempts, sql`ORDER BY id`),
    payments: await db.select(payments, sql`ORDER BY id`),
  }))

const allAre = (road: Road, status: string) =>
  until(`all deliveries are ${status}`, async () =>
    (await stored(road)).deliveries.every((one) => one.status === status),
  )

/** A road whose daemon's units are counted; what those come to that record tries can be held. */
async function countedRoad() {
  const road = await roadWithPartner()
  let written = 0
  let records = Promise.resolve()
  const database: Database = {
    ...road.database,
    async write(work) {
      written += 1
      const result = await road.database.write(work)
      // A batch of tries is answered one by one; a claim is one answer.
      if (Array.isArray(result)) await records
      return result
    },
  }
  const holdRecords = () => {
    const held = Promise.withResolvers<void>()
    records = held.promise
    atEnd(() => held.resolve())
  }
  return { road, database, written: () => written, holdRecords }
}

serviceSuite('the lanes', async () => lanesOn(await openRoad()).lanes)

describe('the lanes', () => {
  it('send what was due before they started, with the secret of its route', async () => {
    const road = await roadWithPartner()
    await arrive(road)
    const { lanes, api } = lanesOn(road)
    await lanes.start()
    await allAre(road, 'delivered')
    expect(api.heard).toMatchObject([{ secrets: [expect.stringMatching(/^whsec_/)] }])
    expect((await stored(road)).payments).toMatchObject([
      { status: 'notified', processError: false, paymentProcessedDate: road.clock.now() },
    ])
    await expectBooksToBalance(road.database)
  })

  it('wake at the commit, on each of the routes', async () => {
    const road = await roadWithPartner(3)
    const { lanes, api } = lanesOn(road)
    await lanes.start()
    await turns(20)
    expect(api.heard).toEqual([])
    await arrive(road, 2)
    await allAre(road, 'delivered')
    expect(api.heard).toHaveLength(6)
    expect(new Set(api.heard.map(({ deliveryId }) => deliveryId)).size).toBe(6)
    expect(new Set(api.heard.map(({ event }) => event.id)).size).toBe(2)
  })

  it('are in a hurry when they have claimed something, and soon no longer', async () => {
    const road = await roadWithPartner()
    const { lanes } = lanesOn(road)
    await lanes.start()
    await turns(20)
    expect(lanes.hurry()).toBe(false)
    await arrive(road)
    await until('they hurry', lanes.hurry)
    await allAre(road, 'delivered')
    await until('they rest', () => !lanes.hurry())
  })

  it('have most of the slots under way for one partner, and never more', async () => {
    const road = await roadWithPartner()
    const [first, held] = [Promise.withResolvers<Sent>(), Promise.withResolvers<Sent>()]
    const answers = [first.promise].values()
    const { lanes, api } = lanesOn(
      road,
      channel(() => answers.next().value ?? held.promise),
      { concurrency: 5 },
    )
    await lanes.start()
    await arrive(road, 11)
    await until('one goes ahead', () => api.inFlight.now === 1)
    await turns(20)
    expect(api.heard).toHaveLength(1)
    first.resolve(delivered)
    await until('four are under way', () => api.inFlight.now === 4)
    await turns(20)
    expect(api.heard).toHaveLength(5)
    held.resolve(delivered)
    await allAre(road, 'delivered')
    expect(api.heard).toHaveLength(11)
    expect(api.inFlight.most).toBe(4)
  })

  it('record in one commit what ends together', async () => {
    const { road, database, written } = await countedRoad()
    const answers = Promise.withResolvers<Sent>()
    const { lanes, api } = lanesOn(
      road,
      channel(() => (api.heard.length === 1 ? Promise.resolve(delivered) : answers.promise)),
      { database },
    )
    atEnd(() => answers.resolve(delivered))
    await lanes.start()
    await arrive(road)
    await allAre(road, 'delivered')
    await arrive(road, 8)
    await until('all are under way', () => api.inFlight.now === 8)
    await turns(20)
    const before = written()
    answers.resolve(delivered)
    await allAre(road, 'delivered')
    expect(written() - before).toBe(1)
  })

  it('claim and send on while what came of the tries before is not recorded yet', async () => {
    const { road, database, holdRecords } = await countedRoad()
    const { lanes, api } = lanesOn(road, channel(), { database, concurrency: 10 })
    await lanes.start()
    await arrive(road)
    await allAre(road, 'delivered')
    holdRecords()
    await arrive(road, 16)
    await until('all are told', () => api.heard.length === 17)
  })

  it('write down each attempt with its time, status, error and answer', async () => {
    const road = await roadWithPartner()
    const answers = [failed, delivered].values()
    const { lanes } = lanesOn(
      road,
      channel(async () => answers.next().value ?? delivered),
    )
    await lanes.start()
    const start = road.clock.now()
    await arrive(road)
    await until('the first try is over', async () => (await stored(road)).attempts.length === 1)
    road.clock.advance(5000)
    lanes.wake()
    await allAre(road, 'delivered')
    expect((await stored(road)).attempts).toMatchObject([
      { startDate: start, result: 'failed', status: 500, error: 'no', answer: 'no' },
      { startDate: start + 5000, result: 'delivered', status: 204, error: null, answer: '' },
    ])
  })

  it('give up after the last of the schedule, visibly', async () => {
    const road = await roadWithPartner()
    const { lanes, api } = lanesOn(
      road,
      channel(async () => failed),
    )
    await lanes.start()
    await arrive(road)
    for (const [tries, wait] of [1, 2, 3].map((count) => [count, schedule[count] ?? 0] as const)) {
      await until(`${tries} tries`, async () => (await stored(road)).attempts.length === tries)
      road.clock.advance(wait)
      lanes.wake()
    }
    await allAre(road, 'failed')
    expect(api.heard).toHaveLength(schedule.length)
    expect((await stored(road)).payments).toMatchObject([
      { status: 'failed', processError: true, paymentProcessedDate: null },
    ])
    await expectBooksToBalance(road.database)
  })

  it('give up at once where trying again is of no use', async () => {
    const road = await roadWithPartner()
    const { lanes, api } = lanesOn(
      road,
      channel(async () => ({ ...failed, final: true })),
    )
    await lanes.start()
    await arrive(road)
    await allAre(road, 'failed')
    expect(api.heard).toHaveLength(1)
    expect((await stored(road)).payments).toMatchObject([{ status: 'failed' }])
  })

  it('are not disturbed by a channel that breaks its promise, and try again after the lease', async () => {
    const road = await roadWithPartner()
    let tries = 0
    const breaking = channel(async () => {
      tries += 1
      if (tries === 1) throw new Error('a bug')
      return delivered
    })
    const { lanes, lines } = lanesOn(road, breaking)
    await lanes.start()
    await arrive(road)
    await until('it was logged', () => lines.some(({ msg }) => msg.includes('not be recorded')))
    road.clock.advance(leaseMs)
    lanes.wake()
    await allAre(road, 'delivered')
  })
})

describe('a daemon that is stopped', () => {
  it('finishes and records what is under way, and begins nothing new', async () => {
    const road = await roadWithPartner()
    const held = Promise.withResolvers<Sent>()
    const { lanes, api } = lanesOn(
      road,
      channel(() => held.promise),
      { concurrency: 1 },
    )
    await lanes.start()
    await arrive(road, 2)
    await until('one is under way', () => api.inFlight.now === 1)
    const stopping = watched(lanes.stop())
    await turns(20)
    expect(stopping.settled()).toBe(false)
    held.resolve(delivered)
    await stopping.promise
    const statuses = (await stored(road)).deliveries.map(({ status }) => status)
    expect(statuses.toSorted()).toEqual(['delivered', 'pending'])
    expect(api.heard).toHaveLength(1)
  })
})

describe('two daemons', () => {
  it('share the work and tell each partner once', async () => {
    const road = await roadWithPartner()
    const other = await openPlace(road.place, road.clock)
    const first = lanesOn(road, channel(), { concurrency: 2 })
    const second = lanesOn(road, channel(), { database: other, concurrency: 2 })
    await arrive(road, 40)
    await Promise.all([first.lanes.start(), second.lanes.start()])
    await allAre(road, 'delivered')
    const told = [...first.api.heard, ...second.api.heard].map(({ deliveryId }) => deliveryId)
    expect(told).toHaveLength(40)
    expect(new Set(told).size).toBe(40)
  })

  it('take over from one that hangs, whose late result then changes nothing', async () => {
    const road = await roadWithPartner()
    const hanging = Promise.withResolvers<Sent>()
    // With its one slot taken, it does not take over from itself.
    const slow = lanesOn(
      road,
      channel(() => hanging.promise),
      { concurrency: 1 },
    )
    await slow.lanes.start()
    await arrive(road)
    await until('it hangs', () => slow.api.inFlight.now === 1)
    road.clock.advance(leaseMs)

    const other = await openPlace(road.place, road.clock)
    const quick = lanesOn(road, channel(), { database: other })
    await quick.lanes.start()
    await allAre(road, 'delivered')
    const before = await stored(road)
    hanging.resolve(failed)
    await until('the late try was recorded', async () => (await stored(road)).attempts.length === 2)
    const after = await stored(road)
    expect(after.deliveries).toEqual(before.deliveries)
    expect(after.payments).toEqual(before.payments)
    expect(after.payments).toMatchObject([{ status: 'notified' }])
  })
})
