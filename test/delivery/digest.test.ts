import { describe, expect, it } from '@jest/globals'
import { digestAgainDue, digestDue, mostInDigest } from '../../src/delivery/digest.ts'
import {
  attempts,
  attemptTotals,
  createLanes,
  defaultRules,
  emailChannel,
  lanes as laneRows,
} from '../../src/delivery/index.ts'
import { payments, settle } from '../../src/payment/index.ts'
import { fromIso } from '../../src/platform/clock.ts'
import { mailServer } from '../../src/platform/config/mail-server.ts'
import { sql } from '../../src/platform/database/index.ts'
import { atEnd } from '../support/at-end.ts'
import { storedDeliveries } from '../support/claiming.ts'
import {
  address,
  claimDigests,
  delivered,
  failed,
  paymentsIn,
  recordTry,
  roadWithDigest,
} from '../support/digests.ts'
import { openMailServer } from '../support/mail.ts'
import { quietLog } from '../support/quiet-log.ts'
import { arrive, type Road } from '../support/road.ts'
import { expectBooksToBalance } from '../support/temp-database.ts'
import { until } from '../support/until.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const at = (text: string) => fromIso(`2026-11-21T${text}Z`)

describe('a digest is due', () => {
  it.each([
    ['hourly', at('10:00:00.000'), at('11:00:10.000')],
    ['hourly', at('10:59:59.999'), at('11:00:10.000')],
    ['hourly', at('11:00:00.000'), at('12:00:10.000')],
    ['daily', at('00:00:00.000'), at('00:00:10.000') + day],
    ['daily', at('23:59:59.999'), at('00:00:10.000') + day],
  ] as const)(
    '10 seconds after the full hour or midnight in UTC: %s, %i',
    (interval, time, due) => {
      expect(digestDue(interval, time)).toBe(due)
    },
  )

  it('again 10 seconds after the minute in which that was asked for', () => {
    expect(digestAgainDue(at('10:00:00.000'))).toBe(at('10:01:10.000'))
    expect(digestAgainDue(at('10:00:59.999'))).toBe(at('10:01:10.000'))
  })
})

const statuses = async (road: Road) => [
  ...new Set((await storedDeliveries(road)).map(({ status }) => status)),
]

/** To the time at which all that came until now is told. */
const toNextDue = (road: Road) =>
  road.clock.advance(digestDue('hourly', road.clock.now()) - road.clock.now())

describe('payments on a route with a digest', () => {
  it('wait for the full hour, and then go together under one id', async () => {
    const road = await roadWithDigest()
    const ids = await arrive(road, 3)
    road.clock.advance(minute)
    ids.push(...(await arrive(road, 2)))
    expect(await claimDigests(road)).toEqual([])
    toNextDue(road)
    const [one, ...others] = await claimDigests(road)
    expect(others).toEqual([])
    expect(one && paymentsIn(one).toSorted()).toEqual(ids.toSorted())
    expect(one?.digest?.id).toMatch(/^dig_/)
    const rows = await storedDeliveries(road)
    expect(new Set(rows.map(({ digestId }) => digestId))).toEqual(new Set([one?.digest?.id]))
  })

  it('are delivered together, with one attempt each, and their payments are notified', async () => {
    const road = await roadWithDigest()
    await arrive(road, 3)
    toNextDue(road)
    for (const one of await claimDigests(road))
      expect(await recordTry(road, road.database, one, delivered)).toBe('delivered')
    expect(await statuses(road)).toEqual(['delivered'])
    const stored = await road.database.read(async (db) => ({
      attempts: await db.select(attempts, sql`WHERE 1 = 1`),
      payments: await db.select(payments, sql`WHERE 1 = 1`),
      counted: await db.select(attemptTotals, sql`WHERE id = ${'email delivered'}`),
    }))
    expect(stored.attempts).toHaveLength(3)
    expect(stored.counted).toMatchObject([{ count: 3 }])
    expect(new Set(stored.payments.map(({ status }) => status))).toEqual(new Set(['notified']))
    await expectBooksToBalance(road.database)
  })

  it('are tried again together under the same id, without those that came meanwhile', async () => {
    const road = await roadWithDigest()
    const ids = await arrive(road, 3)
    toNextDue(road)
    const [first] = await claimDigests(road)
    if (!first) throw new Error('there is no digest')
    await recordTry(road, road.database, first, failed)
    const dueDates = (await storedDeliveries(road)).map(({ dueDate }) => dueDate)
    expect(new Set(dueDates)).toEqual(new Set([road.clock.now() + 5 * second]))
    const later = await arrive(road, 2)
    toNextDue(road)
    const both = await claimDigests(road)
    expect(both.map((one) => paymentsIn(one).toSorted())).toEqual([ids, later])
    expect(both[0]?.digest?.id).toBe(first.digest?.id)
    expect(both[1]?.digest?.id).not.toBe(first.digest?.id)
  })

  it('have failed together when the schedule is over, or trying is of no use', async () => {
    const road = await roadWithDigest()
    await arrive(road, 3)
    toNextDue(road)
    for (const one of await claimDigests(road))
      await recordTry(road, road.database, one, { ...failed, status: 550, final: true })
    expect(await statuses(road)).toEqual(['failed'])
  })

  it('are one try for the lane of their route, and may be the one that closes it', async () => {
    const road = await roadWithDigest()
    const lane = async () =>
      (await road.database.read((db) => db.select(laneRows, sql`WHERE 1 = 1`)))[0]
    await arrive(road, 30)
    toNextDue(road)
    for (const one of await claimDigests(road)) await recordTry(road, road.database, one, failed)
    expect(await lane()).toMatchObject({ state: 'closed', failures: 1 })
    await road.database.write((db) => db.run(sql`UPDATE lanes SET state = 'open' WHERE 1 = 1`))
    road.clock.advance(5 * second)
    const [probe, ...others] = await claimDigests(road)
    expect(others).toEqual([])
    expect(await lane()).toMatchObject({ state: 'half_open', probe: probe?.delivery.claimId })
    if (probe) await recordTry(road, road.database, probe, delivered)
    expect(await lane()).toMatchObject({ state: 'closed', failures: 0, failingSince: null })
    expect(await statuses(road)).toEqual(['delivered'])
  })

  it('go again as the same digest when a lease ends, and a late answer changes nothing', async () => {
    const road = await roadWithDigest()
    const ids = await arrive(road, 3)
    toNextDue(road)
    const [lost] = await claimDigests(road)
    road.clock.advance(minute)
    const [again] = await claimDigests(road)
    if (!lost || !again) throw new Error('there is no digest')
    expect(again.digest?.id).toBe(lost.digest?.id)
    expect(paymentsIn(again)).toEqual(ids)
    expect(await recordTry(road, road.database, lost, failed)).toBe('late')
    expect(await recordTry(road, road.database, again, delivered)).toBe('delivered')
    expect(await statuses(road)).toEqual(['delivered'])
  })

  it('go on as they were when the route tells of each by itself from now on', async () => {
    const road = await roadWithDigest()
    await arrive(road, 2)
    await road.parties.changeRoute('partner1', road.route.id, { digest: null })
    await arrive(road, 1)
    expect((await claimDigests(road)).map(({ digest }) => digest)).toEqual([null])
    toNextDue(road)
    const together = (await claimDigests(road)).filter(({ digest }) => digest !== null)
    expect(together.map((one) => paymentsIn(one).length)).toEqual([2])
  })

  it('that are delivered again go in a digest of their own, after the minute', async () => {
    const road = await roadWithDigest()
    const ids = await arrive(road, 3)
    toNextDue(road)
    const [first] = await claimDigests(road)
    if (!first) throw new Error('there is no digest')
    await recordTry(road, road.database, first, delivered)
    const [one, two] = await storedDeliveries(road)
    const state = await road.redeliver(`${one?.id}`)
    expect(state).toMatchObject({ status: 'pending', attempts: 0 })
    await road.redeliver(`${two?.id}`)
    expect(await claimDigests(road)).toEqual([])
    road.clock.advance((state.dueDate ?? 0) - road.clock.now())
    const [again, ...others] = await claimDigests(road)
    expect(others).toEqual([])
    expect(again && paymentsIn(again)).toEqual(ids.slice(0, 2))
    expect(again?.digest?.id).not.toBe(first.digest?.id)
  })

  it('that are more than one mail takes go in several at once, each in one', async () => {
    const road = await roadWithDigest()
    const count = mostInDigest + 1
    for (let left = count; left > 0; left -= 1000) await arrive(road, Math.min(left, 1000))
    toNextDue(road)
    const all = await claimDigests(road)
    expect(all.map((one) => paymentsIn(one).length)).toEqual([mostInDigest, 1])
    expect(new Set(all.flatMap(paymentsIn)).size).toBe(count)
    for (const one of all) await recordTry(road, road.database, one, delivered)
    expect(await statuses(road)).toEqual(['delivered'])
    await expectBooksToBalance(road.database)
  })
})

describe('the lanes', () => {
  it('send a digest by SMTP, again under the same Message-ID where that was refused', async () => {
    const road = await roadWithDigest()
    const server = await openMailServer()
    server.refuseNext({ code: 451, message: 'later' })
    const email = emailChannel({
      clock: road.clock,
      server: mailServer(server.url),
      from: 'Giro <giro@bank.example>',
      connections: 2,
      dkim: null,
      longestMs: 10_000,
    })
    const { log, lines } = quietLog()
    const lanes = createLanes({
      ...road.tools,
      database: road.database,
      channels: { api: email, email, sms: email },
      vault: road.vault,
      random: () => 0.5,
      log,
      onDone: (db, done) => settle(db, done, road.tools),
      schedule: [0, 5 * second],
      timeoutMs: 10_000,
      leaseMs: minute,
      concurrency: 5,
      rules: defaultRules,
    })
    atEnd(() => lanes.stop())
    await lanes.start()
    const ids = await arrive(road, 3)
    toNextDue(road)
    lanes.wake()
    await until('it was refused', () => lines.some(({ msg }) => msg === 'partner not reached'))
    road.clock.advance(5 * second)
    lanes.wake()
    await until('all is delivered', async () => (await statuses(road)).join() === 'delivered')
    const [mail, ...others] = server.mails
    expect(others).toEqual([])
    expect(mail?.recipients).toEqual([address])
    expect(server.refused[0]?.email.messageId).toBe(mail?.email.messageId)
    for (const id of ids) expect(mail?.email.text).toContain(id)
    expect(mail?.email.attachments).toMatchObject([{ mimeType: 'text/csv' }])
    const told = () => lines.find(({ msg }) => msg === 'partner told')
    expect(await until('it is logged', told)).toMatchObject({ payments: 3 })
  })
})
