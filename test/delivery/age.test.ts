import { describe, expect, it } from '@jest/globals'
import { defaultRules, forever } from '../../src/delivery/breaker.ts'
import { lanes, warnings } from '../../src/delivery/index.ts'
import { lengthText } from '../../src/delivery/warning.ts'
import { events } from '../../src/event/index.ts'
import { routesOf } from '../../src/party/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { claimOn, recordOn, roadWithPayments, storedDeliveries } from '../support/claiming.ts'
import type { Road } from '../support/road.ts'
import { expectBooksToBalance, openDoors } from '../support/temp-database.ts'

const day = 24 * 3_600_000
const rules = { ...defaultRules, failures: 1000, disableAfterMs: 5 * day }

/** Nobody gives up, and all is due again at once. */
const given = { rules, schedule: Array<number>(100).fill(0), error: 'no answer' }

async function tryAll(road: Road, delivered = false) {
  const claimed = await claimOn(road, road.database, { limit: 10 })
  await recordOn(road, road.database, claimed, delivered, delivered ? { rules } : given)
  return claimed.length
}

const seen = (road: Road) =>
  road.database.read(async (db) => ({
    lane: (await db.select(lanes, sql`WHERE 1 = 1`))[0],
    route: (await routesOf(db, ['partner1']))[0],
    warnings: await db.select(warnings, sql`ORDER BY id`),
    events: (
      await db.select(events, sql`WHERE type IN ('route.failing', 'route.disabled') ORDER BY id`)
    ).map(({ type, data }) => ({ type, ...JSON.parse(data) })),
  }))

describe('a route that fails for long', () => {
  it('is told of at each share once, and disabled at the end, with what is open', async () => {
    const road = await roadWithPayments({ routes: 1, count: 2 })
    const start = road.clock.now()
    const shares: number[][] = []
    for (const days of [0, 2.4, 2.5, 2.6, 3.75, 4.9, 5]) {
      road.clock.at = start + days * day
      expect(await tryAll(road)).toBe(2)
      shares.push((await seen(road)).warnings.map(({ share }) => share))
    }
    expect(shares.map((all) => all.length)).toEqual([0, 0, 2, 2, 4, 4, 6])
    const { lane, route, ...told } = await seen(road)
    const reason = 'no attempt got through for 5 days; the last: no answer'
    expect(lane).toMatchObject({ heldUntil: forever, warned: 100, reason })
    expect(route?.enabled).toBe(false)
    const since = { account_id: 'partner1', failing_since: expect.any(String) }
    expect(told.events).toEqual([
      { type: 'route.failing', share: 50, reason: 'no answer', ...since },
      { type: 'route.failing', share: 75, reason: 'no answer', ...since },
      { type: 'route.disabled', account_id: 'partner1', reason },
      { type: 'route.failing', share: 100, reason, ...since },
    ])
    const of = (share: number, recipient: string) => ({ share, recipient, failingSince: start })
    expect(told.warnings).toMatchObject(
      [50, 75, 100].flatMap((share) => [of(share, 'operator'), of(share, 'contact')]),
    )
    road.clock.advance(day)
    expect(await tryAll(road)).toBe(0)
    expect(await storedDeliveries(road)).toMatchObject([
      { status: 'pending' },
      { status: 'pending' },
    ])
    await expectBooksToBalance(road.database)
  })

  it('begins anew when it is enabled again, and sends what waited', async () => {
    const road = await roadWithPayments({ routes: 1, count: 2 })
    await tryAll(road)
    road.clock.advance(5 * day)
    await tryAll(road)
    const { route } = await seen(road)
    expect(route?.enabled).toBe(false)
    await road.parties.changeRoute('partner1', `${route?.id}`, { enabled: true })
    expect((await seen(road)).lane).toMatchObject({ warned: null, failingSince: null })
    road.clock.advance(day)
    expect(await tryAll(road)).toBe(2)
    expect((await seen(road)).route?.enabled).toBe(true)
    road.clock.advance(5 * day)
    expect(await tryAll(road)).toBe(2)
    expect(await seen(road)).toMatchObject({ route: { enabled: false } })
    expect((await seen(road)).warnings).toHaveLength(4)
  })

  it('is left alone where one attempt got through, or it leads elsewhere', async () => {
    const road = await roadWithPayments({ routes: 1, count: 1 })
    await tryAll(road)
    road.clock.advance(5 * day)
    await tryAll(road, true)
    expect(await seen(road)).toMatchObject({ route: { enabled: true }, warnings: [] })

    const other = await roadWithPayments({ routes: 1, count: 1 })
    await tryAll(other)
    other.clock.advance(5 * day)
    const claimed = await claimOn(other, other.database, { limit: 1 })
    const contact_path = 'http://127.0.0.1:9/elsewhere'
    await other.parties.changeRoute('partner1', `${claimed[0]?.route.id}`, { contact_path })
    await recordOn(other, other.database, claimed, false, given)
    expect(await seen(other)).toMatchObject({ route: { enabled: true }, warnings: [] })
  })

  it('is not told of where it was disabled by hand meanwhile', async () => {
    const road = await roadWithPayments({ routes: 1, count: 1 })
    await tryAll(road)
    road.clock.advance(5 * day)
    const claimed = await claimOn(road, road.database, { limit: 1 })
    await road.parties.changeRoute('partner1', `${claimed[0]?.route.id}`, { enabled: false })
    await recordOn(road, road.database, claimed, false, given)
    expect(await seen(road)).toMatchObject({ warnings: [], events: [] })
  })

  it('is disabled once by daemons whose tries end together', async () => {
    const road = await roadWithPayments({ routes: 1, count: 12 })
    await tryAll(road)
    road.clock.advance(5 * day)
    const claimed = await claimOn(road, road.database, { limit: 12 })
    const doors = await openDoors(road.place, 3)
    await Promise.all(
      doors.map((door, i) => recordOn(road, door, claimed.slice(4 * i, 4 * i + 4), false, given)),
    )
    const { warnings: told, events: happened } = await seen(road)
    expect(told).toHaveLength(2)
    expect(happened.map(({ type }) => type)).toEqual(['route.disabled', 'route.failing'])
  })

  it('is told of at the end as well where its partner says that it is gone', async () => {
    const road = await roadWithPayments({ routes: 1, count: 1 })
    const claimed = await claimOn(road, road.database, { limit: 1 })
    await recordOn(road, road.database, claimed, false, { ...given, status: 410 })
    const reason = 'the partner answered 410: gone'
    expect((await seen(road)).warnings).toMatchObject([
      { share: 100, reason, recipient: 'operator' },
      { share: 100, reason, recipient: 'contact' },
    ])
  })
})

describe('a length of time', () => {
  it.each([
    [432_000_000, '5 days'],
    [day, '1 day'],
    [5_400_000, '90 minutes'],
    [7_200_000, '2 hours'],
    [1500, '1.5 seconds'],
  ])('of %d ms is said in its largest unit: %s', (ms, text) => {
    expect(lengthText(ms)).toBe(text)
  })
})
