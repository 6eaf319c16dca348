import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell, withKey } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import { allNumbered, numbered } from '../support/event.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import type { Json, Operator } from '../support/http.ts'
import { openPartner, type Partner, says } from '../support/partner.ts'
import { query } from '../support/place.ts'
import { expectProblem } from '../support/problem.ts'
import { until } from '../support/until.ts'

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const body = notice({ payment_date: '2026-11-20', note: 'x'.repeat(5000) })

let giro: Giro
let serving: Serving
let api: Operator
let partner: Partner
let route: Json
let taken: Json
/** The payment as it is once its partner was told. */
let whole: Json

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  api = serving.api
  partner = await openPartner(says(200, 'thank you'))
  await registerSampleParties(api)
  route = await addRoute(api, partner.url)
  taken = (await tell(serving.url, body, withKey('first'))).json
})

describe('a proof, before it is archived', () => {
  it('reads back byte for byte, as an attachment that no browser interprets', async () => {
    const { proof } = (await api.get(`/payments/${taken.id}`)).json
    const content = await api.get(`/proofs/${proof.id}/content`)
    expect(content.status).toBe(200)
    expect(content.bytes).toEqual(Buffer.from(body))
    expect(content.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': `${body.length}`,
      'content-disposition': expect.stringMatching(/^attachment\b/),
      'x-content-type-options': 'nosniff',
    })
    expect(existsSync(join(giro.dataDir, 'proofs', taken.proof_key))).toBe(false)
  })

  it('has the day and its id in its key', async () => {
    const { proof } = (await api.get(`/payments/${taken.id}`)).json
    const day = taken.payment_received_date.slice(0, 10).replaceAll('-', '/')
    expect(proof.proof_key).toBe(`africa_bank/${day}/${proof.id}.bin`)
    expect(taken.proof_key).toBe(proof.proof_key)
  })
})

describe('the whole life of a payment', () => {
  beforeAll(async () => {
    await giro.processor()
    whole = await paymentIn(api, taken.id, 'notified')
  })

  it('has the payment, its proof, its transfer, its delivery and the attempt', () => {
    const { proof, transfer, deliveries, ...payment } = whole
    expect(payment).toMatchObject({
      ...taken,
      status: 'notified',
      bank: 'africa_bank',
      payment_bank_date: '2026-11-20',
      payment_processed_date: isoTime,
      process_error: false,
    })
    expect(proof).toMatchObject({
      outcome: 'accepted',
      sha256: createHash('sha256').update(body).digest('hex'),
      size: body.length,
    })
    expect(transfer).toMatchObject({
      id: expect.stringMatching(/^trf_/),
      amount: '55.00',
      currency: 'USD',
    })
    expect(deliveries).toEqual([
      {
        id: expect.stringMatching(/^dlv_/),
        payment_id: taken.id,
        account_number: 'partner1',
        route_id: route.id,
        notify_method: 'api',
        webhook_id: partner.heard[0]?.headers['webhook-id'],
        status: 'delivered',
        attempt_count: 1,
        due_date: null,
        create_date: isoTime,
        finish_date: isoTime,
        digest_id: null,
        report: null,
        attempts: [
          {
            id: expect.stringMatching(/^att_/),
            start_date: isoTime,
            duration_ms: expect.any(Number),
            result: 'delivered',
            status: 200,
            error: null,
            answer: 'thank you',
            may_have_arrived: true,
          },
        ],
      },
    ])
  })
})

describe('the parts of a payment', () => {
  it('are the same under their own paths', async () => {
    const { deliveries, proof, transfer } = whole
    expect((await api.get(`/proofs/${proof.id}`)).json).toEqual(proof)
    expect((await api.get(`/deliveries/${deliveries[0].id}`)).json).toEqual(deliveries[0])
    for (const [id, balance] of [
      [transfer.debit_account, '-55.00'],
      [transfer.credit_account, '55.00'],
    ]) {
      const account = await api.get(`/accounts/${encodeURIComponent(id)}`)
      expect(account.json).toMatchObject({ id, currency: 'USD', balance, create_date: isoTime })
    }
  })

  it('stand on a settlement account of the bank and an account of the partner', () => {
    expect(whole.transfer.debit_account).toContain('africa_bank')
    expect(whole.transfer.credit_account).toContain('partner1')
  })
})

describe('the log of events', () => {
  it('tells the life of the payment in order, with the numbers', async () => {
    const { deliveries } = (await api.get(`/payments/${taken.id}`)).json
    await allNumbered(giro.place)
    const events = await query(
      giro.place,
      `SELECT type, data FROM ${numbered} WHERE subject IN (?, ?) ORDER BY seq`,
      taken.id,
      deliveries[0].id,
    )
    const types = events.map(({ type }) => type)
    expect(types).toEqual(['payment.received', 'delivery.delivered', 'payment.notified'])
    expect(JSON.parse(`${events[0]?.data}`).payment).toMatchObject({
      id: taken.id,
      amount: '55.00',
      currency: 'USD',
    })
  })
})

describe('a proof, after it was archived', () => {
  it('is an object with exactly the body, and its metadata beside it', async () => {
    const { proof } = (await api.get(`/payments/${taken.id}`)).json
    const file = join(giro.dataDir, 'proofs', taken.proof_key)
    await until('the archive holds the proof', () => existsSync(file))
    expect(readFileSync(file)).toEqual(Buffer.from(body))
    const beside = readdirSync(join(file, '..')).filter((name) => name !== `${proof.id}.bin`)
    expect(beside).toHaveLength(1)
    expect(JSON.parse(readFileSync(join(file, '..', `${beside[0]}`), 'utf8'))).toEqual(proof)
    expect((await api.get(`/proofs/${proof.id}/content`)).bytes).toEqual(Buffer.from(body))
  })

  it('is listed by bank, outcome and time, also when it was refused or a repeat', async () => {
    await tell(serving.url, notice({ amount: '0' }))
    await tell(serving.url, '{')
    await tell(serving.url, body, withKey('first'))
    const ids = async (query: string) => (await api.get(`/proofs?${query}`)).json.data.length
    expect(await ids('bank=africa_bank')).toBe(4)
    expect(await ids('bank=moon_bank')).toBe(0)
    expect(await ids('outcome=accepted')).toBe(1)
    expect(await ids('outcome=refused')).toBe(1)
    expect(await ids('outcome=unreadable')).toBe(1)
    expect(await ids('outcome=duplicate')).toBe(1)
    expect(await ids('to=2020-01-01')).toBe(0)
  })
})

describe('deliveries', () => {
  it('are listed by status and account', async () => {
    const ids = async (query: string) => (await api.get(`/deliveries?${query}`)).json.data.length
    expect(await ids('status=delivered')).toBe(1)
    expect(await ids('status=failed')).toBe(0)
    expect(await ids('account_number=partner1')).toBe(1)
    expect(await ids('account_number=nobody')).toBe(0)
    const answer = await api.get('/deliveries?status=lost')
    expectProblem(answer, { status: 422, code: 'invalid', pointers: ['/status'] })
  })

  it('are redelivered with 202, and heard once more under the same webhook-id', async () => {
    const [{ id }] = (await api.get('/deliveries')).json.data
    const answer = await api.act(`/deliveries/${id}/redeliver`)
    expect(answer.status).toBe(202)
    expect(answer.json).toMatchObject({ id, status: 'pending', attempt_count: 0 })
    const [first, second] = await partner.hears(2)
    expect(second?.body).toEqual(first?.body)
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    await paymentIn(api, taken.id, 'notified')
    await expectBooksToBalance(giro)
  })
})

describe('what is not there', () => {
  it.each([
    '/payments/pay_nothing',
    '/proofs/prf_nothing',
    '/proofs/prf_nothing/content',
    '/deliveries/dlv_nothing',
    '/accounts/nothing',
    '/payments/..%2Fpayers',
  ])('is 404 at %s', async (path) => {
    expectProblem(await api.get(path), { status: 404, code: 'not_found' })
  })

  it('cannot be redelivered: 404', async () => {
    const answer = await api.act('/deliveries/dlv_nothing/redeliver')
    expectProblem(answer, { status: 404, code: 'not_found' })
  })
})
