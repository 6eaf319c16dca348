import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import { addRoute, type Giro, openGiro, registerSampleParties } from '../support/giro.ts'
import type { Json, Operator } from '../support/http.ts'
import {
  type Behaviour,
  breaksOff,
  type Heard,
  inTurn,
  neverAnswers,
  openPartner,
  type Partner,
  says,
  verified,
} from '../support/partner.ts'
import { freePort } from '../support/port.ts'

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

let giro: Giro
let url: string
let api: Operator

beforeAll(async () => {
  giro = await openGiro({ DELIVERY_TIMEOUT: '0.4', DELIVERY_LEASE: '5' })
  const serving = await giro.serve({ DELIVERY_SCHEDULE: '0,0.1,0.1' })
  url = serving.url
  api = serving.api
  await registerSampleParties(api)
  await giro.processor({ DELIVERY_SCHEDULE: '0,0.1,0.1' })
})

let count = 0

/** A partner that behaves so, with an account and a route of its own. */
async function newPartner(
  behaviour: Behaviour,
): Promise<Partner & { account: string; secret: string }> {
  count += 1
  const account = `partner-${count}`
  const partner = await openPartner(behaviour)
  await api.post('/partners', { account_id: account, name: 'A partner' })
  const { secret } = await addRoute(api, partner.url, { account })
  return { ...partner, account, secret }
}

/** Tells a payment for a partner; its id. */
async function pay(account: string): Promise<string> {
  const answer = await tell(url, firstNotice.replace('partner1', account))
  expect(answer.status).toBe(201)
  return answer.json.id
}

/** A partner that failed every time, and its payment as it was then. */
let partner: Awaited<ReturnType<typeof newPartner>>
let id: string
let whole: Json

describe('a partner that fails every time', () => {
  beforeAll(async () => {
    const long = `${'ä'.repeat(2048)}, and so on`
    partner = await newPartner(inTurn(says(500, 'out of order'), says(404, long), breaksOff))
    id = await pay(partner.account)
    whole = await paymentIn(api, id, 'failed')
  })

  it('is tried as often as the schedule says, and then given up', () => {
    expect(whole).toMatchObject({ process_error: true, payment_processed_date: null })
    expect(whole.deliveries).toHaveLength(1)
    expect(whole.deliveries[0]).toMatchObject({
      status: 'failed',
      attempt_count: 3,
      due_date: null,
      finish_date: isoTime,
    })
  })

  it('has a row for every attempt: time, duration, status, error, and the first 4 KiB', () => {
    const common = {
      id: expect.stringMatching(/^att_/),
      start_date: isoTime,
      duration_ms: expect.any(Number),
      result: 'failed',
      error: expect.stringMatching(/./),
      may_have_arrived: true,
    }
    expect(whole.deliveries[0].attempts).toEqual([
      { ...common, status: 500, answer: 'out of order' },
      { ...common, status: 404, answer: 'ä'.repeat(2048) },
      { ...common, status: null, answer: null },
    ])
  })

  it('hears the same bytes under the same webhook-id each time, signed each time', async () => {
    expect(partner.heard).toHaveLength(3)
    expect(new Set(partner.heard.map(({ body }) => body.toString())).size).toBe(1)
    expect(new Set(partner.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    for (const heard of partner.heard)
      expect(verified(heard, partner.secret).data.payment.id).toBe(id)
  })
})

describe('a delivery that was given up', () => {
  it('is tried again when it is redelivered, and the payment is received meanwhile', async () => {
    partner.does(says(503))
    const [{ id: delivery }] = whole.deliveries
    const answer = await api.act(`/deliveries/${delivery}/redeliver`)
    expect(answer.status).toBe(202)
    expect(answer.json).toMatchObject({ id: delivery, status: 'pending', attempt_count: 0 })
    const again = await paymentIn(api, id, 'failed')
    expect(again.deliveries[0].attempts).toHaveLength(6)
  })

  it('gets through in the end, under the same webhook-id and with the same bytes', async () => {
    partner.does(says(204))
    const [{ id: delivery }] = whole.deliveries
    expect((await api.act(`/deliveries/${delivery}/redeliver`)).status).toBe(202)
    const after = await paymentIn(api, id, 'notified')
    expect(after).toMatchObject({ process_error: false, payment_processed_date: isoTime })
    expect(after.deliveries[0].attempts).toHaveLength(7)
    const [first, ...others] = partner.heard
    for (const heard of others) expect(sameWebhook(heard)).toEqual(sameWebhook(first as Heard))
  })

  it('may be made once more, though the partner has heard it', async () => {
    const [{ id: delivery }] = whole.deliveries
    const before = partner.heard.length
    partner.does(neverAnswers)
    expect((await api.act(`/deliveries/${delivery}/redeliver`)).status).toBe(202)
    const open = (await api.get(`/payments/${id}`)).json
    expect(open).toMatchObject({ status: 'received', payment_processed_date: null })
    partner.does(says(200))
    await partner.hears(before + 1)
    await paymentIn(api, id, 'notified')
  })
})

describe('a partner that recovers', () => {
  it('is notified at a later attempt', async () => {
    const partner = await newPartner(inTurn(says(503), says(202, 'thanks')))
    const { deliveries } = await paymentIn(api, await pay(partner.account), 'notified')
    expect(deliveries[0]).toMatchObject({ status: 'delivered', attempt_count: 2 })
    expect(deliveries[0].attempts).toMatchObject([
      { result: 'failed', status: 503 },
      { result: 'delivered', status: 202, error: null, answer: 'thanks' },
    ])
  })

  it('is notified once it listens at all', async () => {
    await api.post('/partners', { account_id: 'deaf', name: 'Deaf' })
    const closed = `http://127.0.0.1:${await freePort()}/`
    const route = await addRoute(api, closed, { account: 'deaf' })
    const id = await pay('deaf')
    const { deliveries } = await paymentIn(api, id, 'failed')
    expect(deliveries[0].attempts).toMatchObject(Array(3).fill({ status: null, answer: null }))

    const partner = await openPartner()
    await api.patch(`/partners/deaf/routes/${route.id}`, { contact_path: partner.url })
    await api.act(`/deliveries/${deliveries[0].id}/redeliver`)
    await paymentIn(api, id, 'notified')
    expect(partner.heard).toHaveLength(1)
  })
})

describe('an answer', () => {
  it.each([200, 201, 202, 204, 299])('of %d is success', async (status) => {
    const partner = await newPartner(says(status))
    await paymentIn(api, await pay(partner.account), 'notified')
    expect(partner.heard).toHaveLength(1)
  })

  it.each([301, 302, 303, 307, 308])('of %d is a failure: it leads nowhere', async (status) => {
    const elsewhere = await openPartner()
    const partner = await newPartner(says(status, '', { location: elsewhere.url }))
    const { deliveries } = await paymentIn(api, await pay(partner.account), 'failed')
    expect(deliveries[0].attempts).toMatchObject(Array(3).fill({ result: 'failed', status }))
    expect(elsewhere.heard).toEqual([])
  })

  it('that does not come within the time limit is a failure', async () => {
    const partner = await newPartner(neverAnswers)
    const { deliveries } = await paymentIn(api, await pay(partner.account), 'failed')
    expect(deliveries[0].attempts).toHaveLength(3)
    for (const { status, duration_ms } of deliveries[0].attempts) {
      expect(status).toBeNull()
      expect(duration_ms).toBeGreaterThanOrEqual(390)
      expect(duration_ms).toBeLessThan(2000)
    }
  })

  it('of 200 whose body never ends does not hold the delivery beyond the time limit', async () => {
    const partner = await newPartner((response) => {
      response.writeHead(200).write('and then ')
    })
    const { deliveries } = await paymentIn(api, await pay(partner.account), 'notified')
    const [attempt] = deliveries[0].attempts
    expect(attempt).toMatchObject({ status: 200, answer: 'and then ' })
    expect(attempt.duration_ms).toBeLessThan(2000)
  })
})

describe('after all this', () => {
  it('the books balance', async () => {
    await expectBooksToBalance(giro)
  })
})

function sameWebhook({ headers, body }: Heard) {
  return { id: headers['webhook-id'], body: body.toString() }
}
