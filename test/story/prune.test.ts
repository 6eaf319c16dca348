import { beforeAll, describe, expect, it } from '@jest/globals'
import { toIso } from '../../src/platform/clock.ts'
import { firstNotice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import { inParallel } from '../support/parallel.ts'
import { openPartner, says } from '../support/partner.ts'
import { query } from '../support/place.ts'
import { startManage } from '../support/program.ts'
import { until } from '../support/until.ts'

const paid = 1200

let giro: Giro
let serving: Serving
/** After the first deliveries were finished, and before the others began. */
let between: string

async function count(what: string): Promise<number> {
  const [row] = await query(giro.place, `SELECT COUNT(*) AS count FROM ${what}`)
  return Number(row?.count)
}

/** Everything but attempts. */
async function theRest(): Promise<unknown> {
  const rest = ['proofs', 'spool', 'payments', 'transfers', 'deliveries', 'events', 'accounts']
  return inParallel([...rest, 'idempotency_keys', 'attempt_totals'], 1, (name) =>
    query(giro.place, `SELECT * FROM ${name} ORDER BY 1, 2`),
  )
}

beforeAll(async () => {
  giro = await openGiro({ DELIVERY_SCHEDULE: '0,600' })
  serving = await giro.serve()
  const partner = await openPartner()
  await registerSampleParties(serving.api)
  await addRoute(serving.api, partner.url)
  const processor = await giro.processor()
  const keys = Array.from({ length: paid }, (_, i) => `${i}`)
  await inParallel(keys, 32, (key) => tell(serving.url, firstNotice, { 'idempotency-key': key }))
  const open = `deliveries WHERE finish_date IS NULL`
  await until('all is delivered', async () => (await count(open)) === 0, 25_000)
  const [row] = await query(giro.place, 'SELECT MAX(finish_date) + 1 AS time FROM deliveries')
  between = toIso(Number(row?.time))
  partner.does(says(500))
  await tell(serving.url, firstNotice)
  await until('an attempt has failed', async () => (await count('attempts')) > paid)
  await processor.end()
}, 60_000)

describe('manage prune', () => {
  it('says with --dry-run how many it would be, and removes nothing', async () => {
    const { code, stdout, stderr } = await giro.manage('prune', '--before', between, '--dry-run')
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `To remove: ${paid} attempts.\n`,
      stderr: '',
    })
    expect(await count('attempts')).toBe(paid + 1)
  })

  it('leaves alone what was finished later', async () => {
    const [row] = await query(giro.place, 'SELECT MIN(start_date) AS time FROM attempts')
    const before = toIso(Number(row?.time))
    expect(await giro.ask('prune', '--before', before)).toEqual({
      before,
      dry_run: false,
      attempts: 0,
    })
  })

  it('that is killed is repeated without harm, and removes attempts and nothing else', async () => {
    const before = await theRest()
    const program = startManage(['prune', '--before', between], giro.settings)
    const begun = async () => (await count('attempts')) <= paid
    await until('some are removed', begun)
    await program.end('SIGKILL')
    const left = (await count('attempts')) - 1
    const again = await giro.ask('prune', '--before', between)
    expect(again.attempts).toBe(left)
    expect(await giro.ask('prune', '--before', between)).toMatchObject({ attempts: 0 })
    expect(await count('attempts')).toBe(1)
    expect(await theRest()).toEqual(before)
    await expectBooksToBalance(giro)
  })

  it('keeps the attempts of a delivery that is not finished, however old', async () => {
    const end = 'SELECT MAX(start_date + duration_ms) + 20 AS time FROM attempts'
    const [row] = await query(giro.place, end)
    const { attempts } = await giro.ask('prune', '--before', toIso(Number(row?.time)))
    expect([attempts, await count('attempts')]).toEqual([0, 1])
  })

  it('leaves a payment as it was, and a notice sent again is still the same one', async () => {
    const { headers, json } = await tell(serving.url, firstNotice, { 'idempotency-key': '7' })
    expect(headers['idempotent-replayed']).toBe('true')
    const payment = await paymentIn(serving.api, json.id, 'notified')
    expect(payment.deliveries).toMatchObject([{ status: 'delivered', attempts: [] }])
  })

  it.each([
    ['yesterday', /--before.*2026-01-31/],
    ['2026-02-31', /--before.*2026-01-31/],
    ['2026-1-1', /--before.*2026-01-31/],
    ['2026-01-31T12:00', /--before.*2026-01-31/],
    ['9999-01-01', /--before.*future/],
  ])('refuses a date that is none, or to come, in one sentence: %s', async (date, why) => {
    const { code, stdout, stderr } = await giro.manage('prune', '--before', date)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^[^\n]*\.\n$/)
    expect(stderr).toMatch(why)
  })
})
