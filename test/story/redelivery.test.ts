import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import type { Json } from '../support/http.ts'
import { inParallel } from '../support/parallel.ts'
import { openPartner, type Partner, says } from '../support/partner.ts'
import { query } from '../support/place.ts'
import { until } from '../support/until.ts'

const paid = 120

let giro: Giro
let serving: Serving
let partner: Partner
let route: Json

async function count(what: string): Promise<number> {
  const [row] = await query(giro.place, `SELECT COUNT(*) AS count FROM ${what}`)
  return Number(row?.count)
}

beforeAll(async () => {
  giro = await openGiro({
    DELIVERY_SCHEDULE: '0',
    DELIVERY_TIMEOUT: '2',
    DELIVERY_LEASE: '3',
    DELIVERY_CONCURRENCY: '8',
  })
  serving = await giro.serve()
  partner = await openPartner(says(500))
  await registerSampleParties(serving.api)
  route = await addRoute(serving.api, partner.url)
  const processor = await giro.processor()
  const keys = Array.from({ length: paid }, (_, i) => `${i}`)
  await inParallel(keys, 16, (key) => tell(serving.url, firstNotice, { 'idempotency-key': key }))
  const failed = () => count(`payments WHERE status = 'failed'`)
  // The lane opens after some failures, so it is resumed until there was one for each payment.
  const allFailed = async () => {
    await serving.api.act(`/partners/partner1/routes/${route.id}/resume`)
    return (await failed()) === paid
  }
  await until('all have failed', allFailed, 50_000)
  await processor.end()
  await serving.api.act(`/partners/partner1/routes/${route.id}/resume`)
}, 90_000)

const isDone = async (id: string) => {
  const { json } = await serving.api.get(`/redeliveries/${id}`)
  return json.status === 'done' && json
}

describe('redelivery of all that failed', () => {
  it('is counted first, and nothing is changed', async () => {
    const asked = ['delivery', 'redeliver-all', '--partner', 'partner1', '--status', 'failed']
    const { code, stdout } = await giro.manage(...asked, '--dry-run')
    expect([code, stdout]).toEqual([0, `To deliver: ${paid}.\n`])
    const body = { account_number: 'partner1', status: 'failed', dry_run: true }
    const { status, json } = await serving.api.post('/redeliveries', body)
    expect([status, json]).toEqual([202, { count: paid, exact: true }])
    expect(await count('redeliveries')).toBe(0)
  })

  it('goes on after a kill -9, tells each once more with the same bytes, and is done', async () => {
    const first = partner.heard.splice(0)
    let release = () => {}
    const half = new Promise<void>((resolve) => {
      release = resolve
    })
    partner.does((response, _, heard) => {
      response.writeHead(204).end()
      if (heard === paid / 2) release()
    })
    const { status, json } = await serving.api.post('/redeliveries', { status: 'failed' })
    expect([status, json.status]).toEqual([202, 'running'])
    const doomed = await giro.processor()
    await half
    await doomed.end('SIGKILL')
    const between = (await serving.api.get(`/redeliveries/${json.id}`)).json
    expect(between).toMatchObject({ status: 'running', kind: 'again', delivery_status: 'failed' })

    const processor = await giro.processor()
    const done = await until('it is done', () => isDone(json.id), 30_000)
    expect(done).toMatchObject({ redelivered: paid, looked_at: paid })
    expect(await count(`payments WHERE status = 'notified'`)).toBe(paid)
    expect(await count('deliveries')).toBe(paid)
    const bytes = (all: typeof first) =>
      [...new Set(all.map(({ headers, body }) => `${headers['webhook-id']} ${body}`))].toSorted()
    expect(bytes(partner.heard)).toEqual(bytes(first))
    // What was on its way at the kill is told again; nothing else is.
    expect(partner.heard.length - paid).toBeLessThanOrEqual(4)
    await processor.end()
  }, 60_000)

  it('can be canceled, from the command line too', async () => {
    const begun = await giro.ask('delivery', 'redeliver-all', '--route', route.id)
    expect(begun).toMatchObject({ status: 'running', route_id: route.id })
    expect(await giro.ask('redelivery', 'cancel', begun.id)).toMatchObject({ status: 'canceled' })
    expect(await giro.ask('redelivery', 'show', begun.id)).toMatchObject({ redelivered: 0 })
    const listed = await giro.ask('redelivery', 'list')
    expect(listed.map(({ status }: Json) => status)).toEqual(['canceled', 'done'])
    const { json } = await serving.api.get('/redeliveries')
    expect(json).toEqual({ data: listed, next: null })
  })

  it('is waited for where that is asked for', async () => {
    const processor = await giro.processor()
    const asked = ['delivery', 'redeliver-all', '--bank', 'africa_bank', '--to', '2026-01-01']
    const done = await giro.ask(...asked, '--wait')
    expect(done).toMatchObject({ status: 'done', redelivered: 0, looked_at: paid })
    await processor.end()
  })

  it('of everything there ever was is refused, and so is an unknown partner', async () => {
    const all = await giro.manage('delivery', 'redeliver-all')
    expect([all.code, all.stderr]).toEqual([1, expect.stringMatching(/^Say which.*\.\n$/)])
    const { status } = await serving.api.post('/redeliveries', { account_number: 'nobody' })
    expect(status).toBe(404)
    const { json } = await serving.api.post('/redeliveries', { status: 'sending' })
    expect(json).toMatchObject({ status: 422, errors: [{ pointer: '/status' }] })
  })

  it('leaves the books as they are', async () => {
    await expectBooksToBalance(giro)
  })
})
