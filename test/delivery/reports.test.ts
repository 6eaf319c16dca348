import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Claimed } from '../../src/delivery/claim.ts'
import {
  createReports,
  defaultRules,
  reportsOf,
  smsMessages,
  viewDelivery,
} from '../../src/delivery/index.ts'
import { record as recordTries } from '../../src/delivery/record.ts'
import { record, settle } from '../../src/payment/index.ts'
import { type Database, sql } from '../../src/platform/database/index.ts'
import { type ReportStatus, reportStatuses } from '../../src/sms/index.ts'
import { claimOn, storedDeliveries } from '../support/claiming.ts'
import { arrival, openRoad, type Road } from '../support/road.ts'
import { expectBooksToBalance, openDoors } from '../support/temp-database.ts'

/** Payments of a partner who is told by SMS, each in the hands of a daemon. */
async function claimedTexts(count: number) {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  await road.parties.createPartner({ account_id: 'partner1', name: 'a partner' })
  const bySms = { notify_method: 'sms' as const, contact_path: '+254711223344' }
  await road.parties.createRoute('partner1', bySms)
  const arrivals = Array.from({ length: count }, () => arrival(road))
  await road.database.write((db) => record(db, arrivals, { ...road.tools, firstDelayMs: () => 0 }))
  return { road, claimed: await claimOn(road, road.database, { limit: count }) }
}

/** The provider took these, and called them so. */
function recorded(
  { clock, tools }: Road,
  database: Database,
  taken: { one: Claimed; messageId: string }[],
) {
  const tried = taken.map(({ one, messageId }) => ({
    delivery: one.delivery,
    route: one.route,
    recent: [],
    sent: {
      delivered: true,
      status: 201,
      error: null,
      answer: null,
      stage: 'after' as const,
      messageId,
    },
    startDate: clock.now(),
    durationMs: 1,
  }))
  return database.write((db) =>
    recordTries(db, tried, {
      ...tools,
      random: () => 0.5,
      schedule: [0],
      rules: defaultRules,
      onDone: (within, done) => settle(within, done, tools),
    }),
  )
}

function reporter({ tools }: Road, database: Database) {
  const take = createReports({ ...tools, database })
  return (messageId: string, status: ReportStatus, deliveryId: string | null = null) =>
    take('twilio', { messageId, deliveryId, status, detail: `${status} 1` })
}

/** What each delivery shows, and what was told of it, in the order of its ids. */
async function shown(road: Road) {
  const rows = await storedDeliveries(road)
  const reports = await road.database.read((db) => reportsOf(db, rows))
  const told = await road.database.read((db) =>
    db.rows(
      { subject: smsMessages.shape.id, data: smsMessages.shape.id },
      sql`SELECT subject, data FROM events WHERE type = 'delivery.reported' ORDER BY id`,
    ),
  )
  return rows.map((row) => ({
    report: viewDelivery(row, reports).report,
    told: told.filter(({ subject }) => subject === row.id).map(({ data }) => JSON.parse(data)),
  }))
}

const statusesOf = (all: Awaited<ReturnType<typeof shown>>) =>
  all.map(({ report, told }) => [report?.status ?? null, told.map(({ status }) => status)])

describe('a report', () => {
  it('is shown with its delivery, and told once', async () => {
    const { road, claimed } = await claimedTexts(1)
    const [one] = claimed as [Claimed]
    await recorded(road, road.database, [{ one, messageId: 'twilio SM1' }])
    expect(statusesOf(await shown(road))).toEqual([[null, []]])
    road.clock.advance(1000)
    const report = reporter(road, road.database)
    expect(await report('SM1', 'delivered')).toBe('delivered')
    expect(await report('SM1', 'delivered')).toBeNull()
    const { delivery } = one
    const says = { status: 'delivered', detail: 'delivered 1', message_id: 'twilio SM1' }
    const { paymentId: payment_id, routeId: route_id } = delivery
    expect(await shown(road)).toEqual([
      {
        report: { ...says, time: '2026-11-21T10:40:01.000Z' },
        told: [{ ...says, payment_id, route_id, notify_method: 'sms' }],
      },
    ])
    await expectBooksToBalance(road.database)
  })

  it('that is there before its attempt is recorded is shown and told then', async () => {
    const { road, claimed } = await claimedTexts(1)
    const [one] = claimed as [Claimed]
    const report = reporter(road, road.database)
    expect(await report('SM1', 'sent')).toBe('sent')
    expect(statusesOf(await shown(road))).toEqual([[null, []]])
    await recorded(road, road.database, [{ one, messageId: 'twilio SM1' }])
    expect(statusesOf(await shown(road))).toEqual([['sent', ['sent']]])
    await report('SM1', 'delivered')
    expect(statusesOf(await shown(road))).toEqual([['delivered', ['sent', 'delivered']]])
  })

  it('that names its delivery is shown though the answer of the provider was lost', async () => {
    const { road, claimed } = await claimedTexts(1)
    const { id } = (claimed as [Claimed])[0].delivery
    const report = reporter(road, road.database)
    await report('SM1', 'failed', id)
    await report('SM2', 'sent', 'dlv_of_somebody_else')
    expect(statusesOf(await shown(road))).toEqual([['failed', ['failed']]])
  })

  it('of a message of nobody is forgotten after a day, and those of deliveries are not', async () => {
    const { road, claimed } = await claimedTexts(1)
    const [one] = claimed as [Claimed]
    const report = reporter(road, road.database)
    await recorded(road, road.database, [{ one, messageId: 'twilio SM1' }])
    await report('SM2', 'sent')
    road.clock.advance(24 * 60 * 60 * 1000 + 1)
    await report('SM3', 'sent')
    const rows = await road.database.read((db) => db.select(smsMessages, sql`ORDER BY id`))
    expect(rows.map(({ id }) => id)).toEqual(['twilio SM1', 'twilio SM3'])
  })

  it('of the last text is what is shown where there were several', async () => {
    const { road, claimed } = await claimedTexts(1)
    const [one] = claimed as [Claimed]
    const report = reporter(road, road.database)
    await recorded(road, road.database, [{ one, messageId: 'twilio SM1' }])
    await report('SM1', 'failed')
    road.clock.advance(1)
    await recorded(road, road.database, [{ one, messageId: 'twilio SM2' }])
    expect(statusesOf(await shown(road))).toEqual([[null, ['failed']]])
    await report('SM2', 'delivered')
    expect(statusesOf(await shown(road))).toEqual([['delivered', ['failed', 'delivered']]])
  })

  it('is cut where a provider says more than can be kept', async () => {
    const { road, claimed } = await claimedTexts(1)
    const [one] = claimed as [Claimed]
    await recorded(road, road.database, [{ one, messageId: 'twilio SM1' }])
    const take = createReports({ ...road.tools, database: road.database })
    const detail = `a\0\ud800${'😀'.repeat(300)}`
    await take('twilio', { messageId: 'SM1', deliveryId: null, status: 'failed', detail })
    const [first] = await shown(road)
    expect(first?.report?.detail).toBe(`a\uFFFD\uFFFD${'😀'.repeat(252)}`)
  })
})

describe('reports in any order, some of them twice', () => {
  it('end in the most that was said, and each step is told once', async () => {
    const { road, claimed } = await claimedTexts(1)
    const [one] = claimed as [Claimed]
    const report = reporter(road, road.database)
    let count = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...reportStatuses), { minLength: 1, maxLength: 6 }),
        fc.nat(6),
        async (statuses, recordedAfter) => {
          count += 1
          road.clock.advance(1)
          const link = () => recorded(road, road.database, [{ one, messageId: `twilio ${count}` }])
          for (const [i, status] of statuses.entries()) {
            if (i === recordedAfter) await link()
            await report(`${count}`, status)
          }
          if (recordedAfter >= statuses.length) await link()
          const [last] = await shown(road)
          const ranks = statuses.map((status) => reportStatuses.indexOf(status))
          expect(last?.report?.status).toBe(reportStatuses[Math.max(...ranks)])
          const own = last?.told.filter(({ message_id }) => message_id === `twilio ${count}`)
          const told = own?.map(({ status }) => reportStatuses.indexOf(status)) ?? []
          expect(told).toEqual([...new Set(told)].toSorted())
        },
      ),
      { numRuns: 30 },
    )
  }, 60_000)
})

describe('processes that hear reports while others record', () => {
  const count = 60

  it('lose none and tell none twice, though all come at once and twice', async () => {
    const { road, claimed } = await claimedTexts(count)
    const [first, second, daemon] = (await openDoors(road.place, 3)) as [
      Database,
      Database,
      Database,
    ]
    const messageId = (i: number) => `SM${i}`
    const hears = [reporter(road, first), reporter(road, second)]
    const reports = claimed.flatMap((_, i) =>
      hears.flatMap((hear) => [hear(messageId(i), 'delivered'), hear(messageId(i), 'sent')]),
    )
    const records = Array.from({ length: 6 }, (_, part) =>
      recorded(
        road,
        daemon,
        claimed.flatMap((one, i) =>
          i % 6 === part ? [{ one, messageId: `twilio ${messageId(i)}` }] : [],
        ),
      ),
    )
    const news = await Promise.all(reports)
    await Promise.all(records)
    expect(news.filter((status) => status === 'delivered')).toHaveLength(count)
    const all = await shown(road)
    for (const { report, told } of all) {
      expect(report?.status).toBe('delivered')
      expect(told.filter(({ status }) => status === 'delivered')).toHaveLength(1)
    }
    await expectBooksToBalance(road.database)
  }, 60_000)
})
