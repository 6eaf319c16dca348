import { describe, expect, it } from '@jest/globals'
import { createWarner, warnings } from '../../src/delivery/index.ts'
import { newWarnings } from '../../src/delivery/warning.ts'
import { insertWarnings } from '../../src/delivery/warning-store.ts'
import { routesOf } from '../../src/party/index.ts'
import { mailServer } from '../../src/platform/config/mail-server.ts'
import { type Database, sql } from '../../src/platform/database/index.ts'
import { serviceSuite } from '../platform/service.suite.ts'
import { atEnd } from '../support/at-end.ts'
import { openMailServer } from '../support/mail.ts'
import { quietLog } from '../support/quiet-log.ts'
import { openRoad, type Road } from '../support/road.ts'
import { openDoors } from '../support/temp-database.ts'
import { until } from '../support/until.ts'

const operatorEmail = 'operator@bank.example'
const contact = 'it@partner.example'
const minute = 60_000
const day = 24 * 60 * minute

type Given = { url?: string | null; database?: Database; operatorEmail?: string | null }

function warnerOn(road: Road, { url = null, ...given }: Given = {}) {
  const { log, lines } = quietLog()
  const warner = createWarner({
    clock: road.clock,
    database: road.database,
    log,
    server: url === null ? null : mailServer(url),
    from: 'Giro <giro@bank.example>',
    dkim: null,
    operatorEmail,
    disableAfterMs: 5 * day,
    ...given,
  })
  atEnd(() => warner.stop())
  return { ...warner, lines }
}

/** Its route has failed for that share of its time. */
async function roadWithWarnings({ share = 50, contactEmail = contact as string | null } = {}) {
  const road = await openRoad()
  await road.partner('partner1', 1)
  await road.parties.changePartner('partner1', { contact_email: contactEmail })
  const [route] = await road.database.read((db) => routesOf(db, ['partner1']))
  const { id: routeId = '', accountId = '', contactPath = '' } = route ?? {}
  const failingSince = road.clock.now() - (5 * day * share) / 100
  const said = { routeId, accountId, contactPath, share, failingSince, reason: 'no <answer>' }
  await road.database.write((db) =>
    insertWarnings(db, newWarnings(said, road.newId, road.clock.now())),
  )
  return { ...road, routeId }
}

const left = async ({ database }: Road) =>
  (await database.read((db) => db.select(warnings, sql`WHERE due_date IS NOT NULL`))).length

const isDone = (road: Road) => until('all are told', async () => (await left(road)) === 0)

const isClaimed = (road: Road) =>
  until('none is due', async () => {
    const now = road.clock.now()
    const due = sql`WHERE due_date <= ${now}`
    return (await road.database.read((db) => db.select(warnings, due))).length === 0
  })

serviceSuite('the warner', async () => warnerOn(await openRoad()))

describe('the warner', () => {
  it('tells the operator with commands, and the contact without', async () => {
    const road = await roadWithWarnings()
    const { url, mails } = await openMailServer()
    await warnerOn(road, { url }).start()
    await isDone(road)
    expect(mails.map(({ recipients }) => recipients)).toEqual([[operatorEmail], [contact]])
    for (const { email, raw } of mails) {
      expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/im)
      expect(email.subject).toBe('A route of partner1 has failed for 50 % of its time')
      expect(email.html).toContain('no &lt;answer&gt;')
      for (const said of [
        'http://127.0.0.1:9/0',
        road.routeId,
        'no <answer>',
        'at 2026-11-23T22:40',
        'api',
      ])
        expect(email.text).toContain(said)
    }
    const [toOperator, toContact] = mails.map(({ email }) => email.text)
    expect(toOperator).toContain(`manage route resume partner1 ${road.routeId}`)
    expect(toContact).not.toContain('manage')
  })

  it('says at the end how to enable the route and bring what was missed', async () => {
    const road = await roadWithWarnings({ share: 100, contactEmail: null })
    const { url, mails } = await openMailServer()
    await warnerOn(road, { url }).start()
    await isDone(road)
    expect(mails).toHaveLength(1)
    const { subject, text } = mails[0]?.email ?? {}
    expect(subject).toBe('A route of partner1 is disabled')
    const since = '2026-11-16T10:40:00.000Z'
    const dayBefore = since.replace('16', '15')
    for (const command of [
      `manage route change partner1 ${road.routeId} --enable`,
      `delivery redeliver-all --route ${road.routeId} --status failed --from ${dayBefore}`,
      `manage route replay partner1 ${road.routeId} --from ${since}`,
    ])
      expect(text).toContain(command)
  })

  it('tries again what was not taken, under the same Message-ID, and tells nobody twice', async () => {
    const road = await roadWithWarnings()
    const server = await openMailServer()
    server.refuseNext({ code: 451, message: 'later' })
    const first = warnerOn(road, server)
    await first.start()
    await isClaimed(road)
    await first.stop()
    expect(await left(road)).toBe(1)
    expect(server.mails.map(({ recipients }) => recipients)).toEqual([[contact]])
    road.clock.advance(5 * minute)
    await warnerOn(road, server).start()
    await isDone(road)
    expect(server.mails[1]?.recipients).toEqual([operatorEmail])
    expect(server.mails[1]?.email.messageId).toBe(server.refused[0]?.email.messageId)
    expect(server.mails).toHaveLength(2)
  })

  it('gives up at once what is refused for good, and after a day what is not taken', async () => {
    const road = await roadWithWarnings()
    const server = await openMailServer()
    server.refuseNext({ code: 550, message: 'who?' }, { code: 451, message: 'later' })
    const first = warnerOn(road, server)
    await first.start()
    await isClaimed(road)
    await first.stop()
    expect(await left(road)).toBe(1)
    road.clock.advance(day)
    server.refuseNext({ code: 451, message: 'later' })
    const last = warnerOn(road, server)
    await last.start()
    await isDone(road)
    for (const { lines } of [first, last])
      expect(lines).toContainEqual(
        expect.objectContaining({ level: 50, msg: expect.stringContaining('given up') }),
      )
    expect(server.mails).toEqual([])
  })

  it.each([
    ['no mail server', null, 'SMTP_URL'],
    ['no address', 'smtp://127.0.0.1:9', 'no address'],
  ])('logs what it can tell nobody, where there is %s', async (_, url, why) => {
    const road = await roadWithWarnings({ contactEmail: null })
    const warner = warnerOn(road, { url, operatorEmail: null })
    await warner.start()
    await isDone(road)
    const said = { level: 40, msg: expect.stringContaining(why) }
    expect(warner.lines).toMatchObject([said, said])
  })

  it('tells each once, however many daemons there are', async () => {
    const road = await roadWithWarnings()
    const { url, mails } = await openMailServer()
    const doors = await openDoors(road.place, 3)
    await Promise.all(doors.map((database) => warnerOn(road, { url, database }).start()))
    await isDone(road)
    expect(mails.flatMap(({ recipients }) => recipients).toSorted()).toEqual([
      contact,
      operatorEmail,
    ])
  })
})
