import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Place } from '../../src/platform/database/index.ts'
import { firstNotice, notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import { allNumbered, numbered } from '../support/event.ts'
import { temporaryFolder } from '../support/folder.ts'
import {
  addRoute,
  freshSettings,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
  toLoopback,
} from '../support/giro.ts'
import { operator } from '../support/http.ts'
import { inParallel } from '../support/parallel.ts'
import { openPartner, type Partner, says } from '../support/partner.ts'
import { emptyPlace, query, sqlitePlace, tamper, urlOf } from '../support/place.ts'
import { runManage, type Settings, startManage } from '../support/program.ts'
import { until } from '../support/until.ts'

const filePlace = () => sqlitePlace(join(temporaryFolder(), 'copy.db'))

/** A Giro that has seen much: payments told and to be told, and notices that were refused. */
async function livedIn(): Promise<{ giro: Giro; serving: Serving; partner: Partner }> {
  const giro = await openGiro({ DELIVERY_SCHEDULE: '0,0.1,600' })
  const serving = await giro.serve()
  const partner = await openPartner()
  await registerSampleParties(serving.api)
  await addRoute(serving.api, partner.url)
  const processor = await giro.processor()
  const { json } = await tell(serving.url, firstNotice)
  await paymentIn(serving.api, json.id, 'notified')
  partner.does(says(500, 'not now, ünïcode 😀'))
  await tell(serving.url, notice({ amount: '0.07' }), { 'idempotency-key': 'again' })
  await until('an attempt has failed', () => partner.heard.length > 1)
  await processor.end()
  await tell(serving.url, '\u0001 no JSON')
  await tell(serving.url, notice({ reference_number: 'nobody' }))
  await tell(serving.url, notice({ amount: '9007199254740993.07' }))
  return { giro, serving, partner }
}

/** Settings with which a copy is opened: the key, and the archive beside the key. */
async function settingsOn(place: Place, giro: Giro): Promise<Settings> {
  const SECRET_KEY = giro.settings.SECRET_KEY ?? keptKey(giro)
  const { dataDir } = await freshSettings()
  return { DATA_DIR: dataDir, PORT: '0', DATABASE_URL: urlOf(place), SECRET_KEY, ...toLoopback }
}

function keptKey({ dataDir }: Giro): string {
  return readFileSync(join(dataDir, 'secret.key'), 'utf8').trim()
}

const inOrder = `SELECT seq, id, data FROM ${numbered} ORDER BY seq`

let giro: Giro
let partner: Partner
let target: Place

beforeAll(async () => {
  const lived = await livedIn()
  giro = lived.giro
  partner = lived.partner
  await lived.serving.end()
  target = await emptyPlace()
})

describe('manage copy-to', () => {
  it('copies every table, and says of each how much it was', async () => {
    const { code, stdout, stderr } = await giro.manage('copy-to', urlOf(target))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^payments: 3 rows$/m)
    expect(stdout).toMatch(/^Copied: \d+ rows are the same in /m)
    await expectBooksToBalance({ place: target })
  })

  it('carries the numbers of events over, in their order', async () => {
    const events = await query(target, inOrder)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => BigInt(i + 1)))
    expect(events).toEqual(await query(giro.place, inOrder))
  })

  it('that is run again compares again, and says that all was there', async () => {
    const done = await giro.ask('copy-to', urlOf(target))
    expect(done.state).toBe('same')
    expect(done.tables).toContainEqual({
      name: 'payments',
      rows: 3,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  it('takes all of it into a file as well, and from there back', async () => {
    const file = filePlace()
    const there = await giro.ask('copy-to', urlOf(file))
    const back = await emptyPlace()
    const settings = { DATA_DIR: temporaryFolder(), DATABASE_URL: urlOf(file) }
    const again = await runManage(['copy-to', urlOf(back), '--json'], settings)
    expect(again.stderr).toBe('')
    expect(JSON.parse(again.stdout).tables).toEqual(there.tables)
    expect(await query(back, inOrder)).toEqual(await query(giro.place, inOrder))
  })

  it.each<[string, () => Place | Promise<Place>]>([
    ['as before', () => target],
    ['out of a file', filePlace],
  ])('leaves a Giro that goes on: %s', async (_where, make) => {
    const place = await make()
    expect((await giro.manage('copy-to', urlOf(place))).code).toBe(0)
    const before = await query(place, inOrder)
    const settings = await settingsOn(place, giro)
    // What waits for its next attempt, perhaps for minutes, is due.
    await tamper(place, `UPDATE deliveries SET due_date = 0 WHERE due_date IS NOT NULL`)
    partner.does(says(204))
    const serving = startManage(['serve'], settings)
    const { url } = await serving.said('listening')
    const api = operator(`${url}`, giro.key)
    const repeated = await tell(`${url}`, notice({ amount: '0.07' }), withKeyAgain)
    expect([repeated.status, repeated.headers['idempotent-replayed']]).toEqual([201, 'true'])
    const { json } = await tell(`${url}`, firstNotice)
    const processor = startManage(['run-payment-processor'], settings)
    await paymentIn(api, json.id, 'notified')
    for (const { id } of (await api.get('/payments')).json.data)
      await paymentIn(api, id, 'notified')
    await allNumbered(place)
    const after = await query(place, inOrder)
    expect(after.slice(0, before.length)).toEqual(before)
    expect(after.map(({ seq }) => seq)).toEqual(after.map((_, i) => BigInt(i + 1)))
    await processor.end()
    await serving.end()
    await expectBooksToBalance({ place })
  })

  const withKeyAgain = { 'idempotency-key': 'again' }
})

describe('a target', () => {
  it('with data of its own is refused, and stays as it is', async () => {
    const other = await openGiro()
    const before = await query(other.place, 'SELECT * FROM api_keys')
    const { code, stderr } = await giro.manage('copy-to', urlOf(other.place))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^The target has data of its own \(api_keys\): [^\n]*\.\n$/)
    expect(await query(other.place, 'SELECT * FROM api_keys')).toEqual(before)
    expect(await query(other.place, `SELECT * FROM facts WHERE name = 'unfinished_copy'`)).toEqual(
      [],
    )
  })

  it('that has gone on since is one with data of its own', async () => {
    const { code, stderr } = await giro.manage('copy-to', urlOf(target))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^The target has data of its own /)
  })

  it('that is the source by another name is refused', async () => {
    const { code, stderr } = await giro.manage('copy-to', otherNameOf(giro.place))
    expect([code, stderr]).toEqual([
      1,
      'The target is the very database that is to be copied: name another.\n',
    ])
  })

  it('of a newer Giro is refused', async () => {
    const { place, settings } = await freshSettings()
    await runManage(['create-db'], settings)
    const later = `INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Later')`
    await tamper(place, later)
    const { code, stderr } = await giro.manage('copy-to', urlOf(place))
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^[^\n]*newer[^\n]*\.\n$/)])
  })

  it.each([
    ['oracle:giro', /must begin with/],
    ['postgres://ann:hush@127.0.0.1/', /must be a URL/],
    ['postgres://ann:hush@127.0.0.1:1/giro', /No database answers/],
    ['mysql://ann:hush@127.0.0.1:1/giro', /No database answers/],
    ['sqlite:/proc/nowhere/giro.db', /cannot be/],
  ])('that cannot be one is refused in a sentence: %s', async (url, why) => {
    const { code, stdout, stderr } = await giro.manage('copy-to', url)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^[^\n]*\.\n$/)
    expect(stderr).toMatch(why)
    expect(stderr).not.toContain('hush')
  })

  /** Another path to a file, another name of this machine. */
  function otherNameOf(place: Place): string {
    if (place.dialect !== 'sqlite') return urlOf(place).replace('127.0.0.1', 'localhost')
    const link = join(temporaryFolder(), 'link.db')
    symlinkSync(place.file, link)
    return `sqlite:${link}`
  }
})

describe('a copy of much', () => {
  let large: Giro
  let serving: Serving
  const rows = 2500

  beforeAll(async () => {
    large = await openGiro()
    serving = await large.serve()
    await registerSampleParties(serving.api)
    const amounts = Array.from({ length: rows }, (_, i) => `${i + 1}`)
    await inParallel(amounts, 32, (amount) => tell(serving.url, notice({ amount })))
  })

  it('during which a bank pays is refused, and goes on once nobody writes', async () => {
    const place = await emptyPlace()
    let stopped = false
    const paying = (async () => {
      while (!stopped) await tell(serving.url, firstNotice)
    })()
    const during = await large.manage('copy-to', urlOf(place))
    stopped = true
    await paying
    expect(during.code).toBe(1)
    expect(during.stderr).toMatch(
      /^The source has changed meanwhile \(\w+\): stop serve, [^\n]*\n$/,
    )
    await serving.end()
    expect((await large.manage('copy-to', urlOf(place))).code).toBe(0)
    await expectBooksToBalance({ place })
    const count = 'SELECT COUNT(*) AS count FROM payments'
    expect(await query(place, count)).toEqual(await query(large.place, count))
  })

  it('that is killed again and again cannot be opened, and goes on', async () => {
    const place = await emptyPlace()
    for (const line of ['partners: 1 rows', 'proofs:', 'payments:']) {
      const program = startManage(['copy-to', urlOf(place)], large.settings)
      await until(line, () => program.lines.some((one) => one.startsWith(line)))
      await program.end('SIGKILL')
      const settings = await settingsOn(place, large)
      const opened = await runManage(['payment', 'list'], settings)
      expect([opened.code, opened.stderr]).toEqual([
        1,
        'This database is an unfinished copy: run manage copy-to again.\n',
      ])
    }
    const done = await large.ask('copy-to', urlOf(place))
    expect(done.state).toBe('copied')
    const settings = await settingsOn(place, large)
    expect((await runManage(['books'], settings)).stdout).toContain('The books balance')
  })

  it('by two at once is made by one of them', async () => {
    const place = await emptyPlace()
    const runs = await Promise.all([1, 2].map(() => large.manage('copy-to', urlOf(place))))
    expect(runs.some(({ code }) => code === 0)).toBe(true)
    for (const { code, stderr } of runs)
      if (code !== 0) expect(stderr).toMatch(/^Another copy-to has gone on with this copy: /)
    expect((await large.ask('copy-to', urlOf(place))).state).toBe('same')
  })

  it('that another began is left to that one', async () => {
    const place = filePlace()
    const program = startManage(['copy-to', urlOf(place)], large.settings)
    await until('it has begun', () => program.lines.some((one) => one.startsWith('partners:')))
    await program.end('SIGKILL')
    const { code, stderr } = await giro.manage('copy-to', urlOf(place))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^The target is an unfinished copy of [^\n]*\.\n$/)
  })
})
