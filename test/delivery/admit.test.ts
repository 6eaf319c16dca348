import { describe, expect, it } from '@jest/globals'
import type { Sent } from '../../src/delivery/delivery.ts'
import { lanes, resumeLane } from '../../src/delivery/index.ts'
import { heldLanes } from '../../src/delivery/lane-store.ts'
import { events } from '../../src/event/index.ts'
import { routes } from '../../src/party/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import {
  claimOn,
  leaseMs,
  recordOn,
  roadWithPayments,
  storedDeliveries,
} from '../support/claiming.ts'
import type { Road } from '../support/road.ts'

const count = 30

/** A partner with one route and so many payments, its lane as the test makes it. */
async function roadToOne() {
  const road = await roadWithPayments({ routes: 1, count })
  const [route] = await road.database.read((db) => db.select(routes, sql`WHERE 1 = 1`))
  return { road, routeId: `${route?.id}` }
}

const claim = (road: Road, limit = 10) => claimOn(road, road.database, { limit })

async function fail(road: Road, tries: number, change: Partial<Sent> = {}) {
  return recordOn(road, road.database, await claim(road, tries), false, { error: 'no', ...change })
}

const kept = (road: Road) => road.database.read((db) => db.select(lanes, sql`WHERE 1 = 1`))

const shown = async ({ database, hooks }: Road, id: string) =>
  (await database.read((db) => hooks.lanes.view(db, [id]))).get(id)

const happened = async (road: Road, like: string) =>
  (
    await road.database.read((db) => db.select(events, sql`WHERE type LIKE ${like} ORDER BY id`))
  ).map(({ type, subject, data }) => ({ type, subject, data: JSON.parse(data) }))

const change = (road: Road, id: string, given: object) =>
  road.parties.changeRoute('partner1', id, given)

describe('a lane that delivers', () => {
  it('costs no row', async () => {
    const { road, routeId } = await roadToOne()
    await recordOn(road, road.database, await claim(road))
    expect(await kept(road)).toEqual([])
    expect(await shown(road, routeId)).toEqual({
      state: 'closed',
      until: null,
      failures: 0,
      failing_since: null,
      reason: null,
    })
  })
})

describe('a lane that failed ten times in a row', () => {
  it('sends nothing and uses up no attempt until its pause is over, and then makes one try', async () => {
    const { road, routeId } = await roadToOne()
    await fail(road, 10)
    expect(await shown(road, routeId)).toMatchObject({ state: 'open', failures: 10 })
    expect(await claim(road)).toEqual([])
    const waiting = (await storedDeliveries(road)).filter(({ status }) => status === 'pending')
    expect(waiting).toHaveLength(count - 10)
    expect(new Set(waiting.map(({ attempts }) => attempts))).toEqual(new Set([0]))

    road.clock.advance(10_000)
    const probe = await claim(road)
    expect(probe).toHaveLength(1)
    expect(await claim(road)).toEqual([])
    expect(await shown(road, routeId)).toMatchObject({ state: 'half_open' })
    await recordOn(road, road.database, probe, false)
    expect(await shown(road, routeId)).toMatchObject({ state: 'open', failures: 11 })

    road.clock.advance(20_000)
    await recordOn(road, road.database, await claim(road))
    expect(await shown(road, routeId)).toMatchObject({ state: 'closed', failing_since: null })
    expect(await claim(road, count)).toHaveLength(count - 12)
    expect(await happened(road, 'lane.%')).toMatchObject([
      { type: 'lane.opened', subject: routeId, data: { account_id: 'partner1', failures: 10 } },
      { type: 'lane.closed', subject: routeId },
    ])
  })

  it('makes another try when the daemon that made the one has died', async () => {
    const { road } = await roadToOne()
    await fail(road, 10)
    road.clock.advance(10_000)
    const [lost] = await claim(road)
    road.clock.advance(leaseMs)
    const [taken, ...more] = await claim(road)
    expect([taken === undefined, more]).toEqual([false, []])
    if (lost) await recordOn(road, road.database, [lost])
    expect(await claim(road)).toEqual([])
    if (taken) await recordOn(road, road.database, [taken])
    expect((await claim(road)).length).toBeGreaterThan(1)
  })

  it('is closed by an operator, as often as he says it, and tells it once', async () => {
    const { road, routeId } = await roadToOne()
    await fail(road, 10)
    const deps = { ...road.tools, database: road.database }
    for (let i = 0; i < 2; i += 1) await resumeLane(deps, 'partner1', routeId)
    expect(await shown(road, routeId)).toMatchObject({ state: 'closed', failures: 0 })
    expect((await shown(road, routeId))?.failing_since).not.toBeNull()
    expect(await happened(road, 'lane.closed')).toHaveLength(1)
    expect(await claim(road)).toHaveLength(10)
    await expect(resumeLane(deps, 'partner1', 'rte_x')).rejects.toThrow('no route rte_x')
  })

  it('is tried at once where its route leads elsewhere', async () => {
    const { road, routeId } = await roadToOne()
    await fail(road, 10)
    await change(road, routeId, { contact_path: 'http://127.0.0.1:9/elsewhere' })
    expect(await claim(road)).toHaveLength(1)
  })
})

describe('a partner that answers', () => {
  it.each([429, 502, 503, 504])('%d is left alone as long as it says', async (status) => {
    const { road, routeId } = await roadToOne()
    await fail(road, 1, { status, retryAfterMs: 30_000 })
    expect(await shown(road, routeId)).toMatchObject({ state: 'held', failures: 1 })
    expect(await claim(road)).toEqual([])
    road.clock.advance(30_000)
    expect(await claim(road)).toHaveLength(10)
  })

  it('500 is tried with the next delivery', async () => {
    const { road } = await roadToOne()
    await fail(road, 1, { retryAfterMs: 30_000 })
    expect(await claim(road)).toHaveLength(10)
  })

  it('410 has its route disabled, once, and what is open waits until it is enabled', async () => {
    const { road, routeId } = await roadToOne()
    const answer = { status: 410, error: 'the partner answered 410: not a success' }
    const both = [await claim(road, 1), await claim(road, 1)]
    for (const one of both) await recordOn(road, road.database, one, false, answer)
    expect(await happened(road, 'route.disabled')).toEqual([
      {
        type: 'route.disabled',
        subject: routeId,
        data: { account_id: 'partner1', reason: 'the partner answered 410: gone' },
      },
    ])
    expect(await shown(road, routeId)).toMatchObject({ state: 'disabled', until: null })
    road.clock.advance(1e10)
    expect(await claim(road)).toEqual([])
    await change(road, routeId, { enabled: true })
    expect(await claim(road)).toHaveLength(10)
  })

  it('410 where its route has led before changes nothing', async () => {
    const { road, routeId } = await roadToOne()
    const late = await claim(road, 1)
    await change(road, routeId, { contact_path: 'http://127.0.0.1:9/elsewhere' })
    await recordOn(road, road.database, late, false, { status: 410 })
    expect(await shown(road, routeId)).toMatchObject({ state: 'closed' })
  })
})

describe('a route that an operator disables', () => {
  it('sends nothing of what is open until it is enabled', async () => {
    const { road, routeId } = await roadToOne()
    await change(road, routeId, { enabled: false })
    expect(await shown(road, routeId)).toMatchObject({ state: 'disabled' })
    expect(await claim(road)).toEqual([])
    await change(road, routeId, { concurrency: 2 })
    expect(await claim(road)).toEqual([])
    await change(road, routeId, { enabled: true })
    expect(await claim(road)).toHaveLength(10)
  })
})

describe('a route with a rate', () => {
  it('gives a claim as many as there are tokens, and is held until the next', async () => {
    const { road, routeId } = await roadToOne()
    await change(road, routeId, { rate_limit: { per_second: 0.5, burst: 3 } })
    expect(await claim(road)).toHaveLength(3)
    expect(await claim(road)).toEqual([])
    const now = road.clock.now()
    expect(await road.database.read((db) => heldLanes(db, now))).toEqual([
      { routeId, freeDate: now + 2000 },
    ])
    road.clock.advance(2000)
    expect(await claim(road)).toHaveLength(1)
    await change(road, routeId, { rate_limit: { per_second: 5 } })
    expect(await claim(road)).toHaveLength(5)
    await change(road, routeId, { rate_limit: null })
    expect(await claim(road)).toHaveLength(10)
  })
})
