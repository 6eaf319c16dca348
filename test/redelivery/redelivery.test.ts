import { describe, expect, it } from '@jest/globals'
import { newLane } from '../../src/delivery/breaker.ts'
import { saveLanes } from '../../src/delivery/lane-store.ts'
import { routesOf } from '../../src/party/index.ts'
import { payments, record } from '../../src/payment/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { redeliveryById } from '../../src/redelivery/index.ts'
import { claimOn, recordOn, storedDeliveries } from '../support/claiming.ts'
import { most, redelivering, stepOf, wanted } from '../support/redelivering.ts'
import { arrival, type Road } from '../support/road.ts'
import { openDoors } from '../support/temp-database.ts'

const holder = 'clm_one'

async function tryAll(road: Road, delivered = true): Promise<number> {
  const claimed = await claimOn(road, road.database, { limit: 1000 })
  await recordOn(road, road.database, claimed, delivered)
  return claimed.length
}

/** Every payment of the road was told, or was not. */
async function afterFirstTries(given: { routes: number; count: number }, delivered = true) {
  const one = await redelivering(given)
  await tryAll(one.road, delivered)
  one.road.clock.advance(1000)
  return one
}

async function paymentStatuses({ database }: Road): Promise<string[]> {
  const rows = await database.read((db) => db.select(payments, sql`ORDER BY id`))
  return [...new Set(rows.map(({ status }) => status))]
}

describe('a redelivery', () => {
  it('hands out no more than may wait, goes on as they are tried, and then is done', async () => {
    const { road, redeliveries } = await afterFirstTries({ routes: 1, count: 12 })
    const { id } = await redeliveries.start(wanted({ accountId: 'partner1' }))
    const open = async () =>
      (await storedDeliveries(road)).filter(({ finishDate }) => finishDate === null).length
    const seen: number[] = []
    for (let i = 0; i < 4; i += 1) {
      await stepOf(road, holder)
      await stepOf(road, holder)
      seen.push(await open())
      expect(await paymentStatuses(road)).toContain(i === 3 ? 'notified' : 'received')
      await tryAll(road)
    }
    expect(seen).toEqual([most, most, 2, 0])
    const done = await road.database.read((db) => redeliveryById(db, id))
    expect(done).toMatchObject({ status: 'done', handedOut: 12, looked: 12 })
    expect(await paymentStatuses(road)).toEqual(['notified'])
    const rows = await storedDeliveries(road)
    expect(rows.map(({ attempts }) => attempts)).toEqual(rows.map(() => 1))
  })

  it('takes what failed, of its routes, banks and times, and counts the same before', async () => {
    const { road, redeliveries } = await redelivering({ routes: 2, count: 4 })
    const [one, two] = await claimOn(road, road.database, { limit: 2 })
    if (!one || !two) throw new Error('two are due')
    await recordOn(road, road.database, [one, two], false)
    await tryAll(road)
    road.clock.advance(1000)
    const count = async (change: Parameters<typeof wanted>[0]) =>
      (await redeliveries.count(wanted(change))).count
    expect(await count({ deliveryStatus: 'failed' })).toBe(2)
    expect(await count({ deliveryStatus: 'delivered' })).toBe(6)
    const { routeId } = one.delivery
    const onRoute = [one, two].filter(({ delivery }) => delivery.routeId === routeId).length
    expect(await count({ deliveryStatus: 'failed', routeId })).toBe(onRoute)
    expect(await count({ deliveryStatus: 'delivered', routeId })).toBe(4 - onRoute)
    expect(await count({ bank: 'test_bank' })).toBe(8)
    expect(await count({ bank: 'no_bank' })).toBe(0)
    const received = road.clock.now() - 61_000
    expect(await count({ fromDate: received, toDate: received + 1 })).toBe(8)
    expect(await count({ fromDate: received + 1 })).toBe(0)
    expect(await count({ toDate: received })).toBe(0)
    expect(await redeliveries.count(wanted())).toEqual({ count: 8, exact: true })
  })

  it('refuses a partner and a route that nobody knows', async () => {
    const { redeliveries } = await redelivering({ routes: 1, count: 0 })
    const { start, count } = redeliveries
    await expect(start(wanted({ accountId: 'nobody' }))).rejects.toThrow('no partner nobody')
    await expect(count(wanted({ routeId: 'rte_x' }))).rejects.toThrow('no route rte_x')
  })

  it('leaves alone what is being sent or due already, and what comes after it was asked for', async () => {
    const { road, redeliveries } = await redelivering({ routes: 1, count: 2 })
    await claimOn(road, road.database, { limit: 1 })
    expect(await redeliveries.count(wanted())).toEqual({ count: 0, exact: true })
    await redeliveries.start(wanted({ accountId: 'partner1' }))
    road.clock.advance(1000)
    const tools = { ...road.tools, firstDelayMs: () => 5000 }
    await road.database.write((db) => record(db, [arrival(road)], tools))
    const before = await storedDeliveries(road)
    await stepOf(road, holder)
    expect(await storedDeliveries(road)).toEqual(before)
  })

  it('that is canceled hands out no more, and stays canceled', async () => {
    const { road, redeliveries } = await afterFirstTries({ routes: 1, count: 9 })
    const { id } = await redeliveries.start(wanted({ accountId: 'partner1' }))
    await stepOf(road, holder)
    expect(await redeliveries.cancel(id)).toMatchObject({ status: 'canceled', handedOut: most })
    expect(await tryAll(road)).toBe(most)
    await stepOf(road, holder)
    expect(await tryAll(road)).toBe(0)
    expect(await redeliveries.cancel(id)).toMatchObject({ status: 'canceled' })
    await expect(redeliveries.cancel('rdl_x')).rejects.toThrow('no redelivery rdl_x')
  })

  it('is done by one process at a time, and each delivery is handed out once', async () => {
    const { road, redeliveries } = await afterFirstTries({ routes: 1, count: 30 })
    const { id } = await redeliveries.start(wanted({ accountId: 'partner1' }))
    const doors = [road.database, ...(await openDoors(road.place, 2))]
    let tried = 0
    for (let i = 0; i < 20; i += 1) {
      await Promise.all(doors.map((door, j) => stepOf(road, `clm_${j}`, door)))
      const open = (await storedDeliveries(road)).filter(({ finishDate }) => finishDate === null)
      expect(open.length).toBeLessThanOrEqual(most)
      tried += await tryAll(road)
      road.clock.advance(10_000)
    }
    expect(tried).toBe(30)
    const done = await road.database.read((db) => redeliveryById(db, id))
    expect(done).toMatchObject({ status: 'done', handedOut: 30 })
  })
})

describe('a redelivery to a lane that sends nothing', () => {
  it('hands out no more than waits, and lets the next one have its turn', async () => {
    const { road, redeliveries } = await afterFirstTries({ routes: 1, count: 30 })
    const [route] = await road.database.read((db) => routesOf(db, ['partner1']))
    await road.partner('partner2', 1)
    const arrivals = Array.from({ length: 3 }, () => arrival(road, { accountNumber: 'partner2' }))
    await road.database.write((db) =>
      record(db, arrivals, { ...road.tools, firstDelayMs: () => 0 }),
    )
    await tryAll(road)
    road.clock.advance(60_000)
    const held = { heldUntil: road.clock.now() + 600_000, state: 'open' as const }
    await road.database.write((db) =>
      saveLanes(db, [{ ...newLane(`${route?.id}`), ...held }], new Map()),
    )

    const first = await redeliveries.start(wanted({ accountId: 'partner1' }))
    const second = await redeliveries.start(wanted({ accountId: 'partner2' }))
    for (let i = 0; i < 10; i += 1) {
      await stepOf(road, holder)
      await tryAll(road)
    }
    const [one, other] = await Promise.all(
      [first, second].map(({ id }) => road.database.read((db) => redeliveryById(db, id))),
    )
    expect(one).toMatchObject({ status: 'running', handedOut: most })
    expect(other).toMatchObject({ status: 'done', handedOut: 3 })
  })

  it('passes over what a disabled route will not send, also what it handed out before', async () => {
    const { road, redeliveries } = await afterFirstTries({ routes: 1, count: 30 })
    const [route] = await road.database.read((db) => routesOf(db, ['partner1']))
    const { id } = await redeliveries.start(wanted({ accountId: 'partner1' }))
    await stepOf(road, holder)
    await road.parties.changeRoute('partner1', `${route?.id}`, { enabled: false })
    for (let i = 0; i < 5; i += 1) await stepOf(road, holder)
    const done = await road.database.read((db) => redeliveryById(db, id))
    expect(done).toMatchObject({ status: 'done', handedOut: most })
  })
})

describe('a replay', () => {
  it('makes for a new route one delivery for each payment it never had', async () => {
    const { road, redeliveries } = await afterFirstTries({ routes: 1, count: 7 })
    const { route } = await road.parties.createRoute('partner1', {
      notify_method: 'api',
      contact_path: 'http://127.0.0.1:9/new',
    })
    const asked = wanted({ kind: 'replay', accountId: 'partner1', routeId: route.id })
    expect(await redeliveries.count(asked)).toEqual({ count: 7, exact: true })
    await redeliveries.start(asked)
    for (let i = 0; i < 5; i += 1) {
      await stepOf(road, holder)
      await tryAll(road)
    }
    const rows = await storedDeliveries(road)
    const fresh = rows.filter(({ routeId }) => routeId === route.id)
    const old = rows.filter(({ routeId }) => routeId !== route.id)
    expect(fresh.map(({ eventId }) => eventId)).toEqual(old.map(({ eventId }) => eventId))
    expect(await paymentStatuses(road)).toEqual(['notified'])
    expect(await redeliveries.count(asked)).toEqual({ count: 0, exact: true })
  })

  it('waits for a payment that is being told on another route', async () => {
    const { road, redeliveries } = await redelivering({ routes: 1, count: 1 })
    const { route } = await road.parties.createRoute('partner1', {
      notify_method: 'api',
      contact_path: 'http://127.0.0.1:9/new',
    })
    const sending = await claimOn(road, road.database, { limit: 1 })
    await redeliveries.start(wanted({ kind: 'replay', accountId: 'partner1', routeId: route.id }))
    await stepOf(road, holder)
    expect(await storedDeliveries(road)).toHaveLength(1)
    await recordOn(road, road.database, sending)
    await stepOf(road, holder)
    expect(await storedDeliveries(road)).toHaveLength(2)
    expect(await paymentStatuses(road)).toEqual(['received'])
    await tryAll(road)
    expect(await paymentStatuses(road)).toEqual(['notified'])
  })
})
