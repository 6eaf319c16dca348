import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import { http, type Json } from '../support/http.ts'
import { type Mail, type MailServer, openMailServer } from '../support/mail.ts'
import { openPartner, says } from '../support/partner.ts'

let giro: Giro
let serving: Serving
let mails: MailServer

beforeAll(async () => {
  mails = await openMailServer()
  giro = await openGiro({
    DELIVERY_SCHEDULE: '0,0.1,0.1',
    SMTP_URL: mails.url,
    SMTP_FROM: 'Giro <giro@bank.example>',
  })
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  await giro.processor()
  await openAccount('shop')
  await addRoute(serving.api, 'till@shop.example', { account: 'shop', method: 'email' })
})

async function openAccount(account: string): Promise<void> {
  await serving.api.post('/partners', { account_id: account, name: account })
}

/** Tells a payment for the account; the API's answer to the bank. */
async function pay(account: string, change: Record<string, unknown> = {}): Promise<Json> {
  const answer = await tell(serving.url, notice({ account_number: account, ...change }))
  expect(answer.status).toBe(201)
  return answer.json
}

async function lastMail(count: number): Promise<Mail> {
  return (await mails.receives(count)).at(-1) as Mail
}

describe('an e-mail', () => {
  it('tells of a payment in text and HTML, under a subject one can search for', async () => {
    const { id } = await pay('shop', { payment_date: '2026-11-20' })
    const { deliveries } = await paymentIn(serving.api, id, 'notified')
    const { recipients, email } = await lastMail(1)
    expect(recipients).toEqual(['till@shop.example'])
    expect(email.from).toMatchObject({ name: 'Giro', address: 'giro@bank.example' })
    expect(email.to).toMatchObject([{ address: 'till@shop.example' }])
    for (const fact of ['55.00 USD', 'payer1', id]) expect(email.subject).toContain(fact)
    for (const fact of ['55.00', 'USD', 'payer1', 'shop', id, '2026-11-20', 'africa_bank']) {
      expect(email.text).toContain(fact)
      expect(email.html).toContain(fact)
    }
    expect(deliveries[0].attempts).toMatchObject([{ result: 'delivered', status: 250 }])
  })

  it('lets nothing that a bank or an operator wrote begin another header', async () => {
    const nasty = 'payer\r\nBcc: thief@evil.example\r\n\r\n<b>hello</b>'
    await serving.api.post('/payers', { id: nasty, name: 'Nasty' })
    const { id } = await pay('shop', { reference_number: nasty })
    await paymentIn(serving.api, id, 'notified')
    const { recipients, email } = await lastMail(2)
    expect(recipients).toEqual(['till@shop.example'])
    expect(email.bcc ?? []).toEqual([])
    expect(email.headers.map(({ key }) => key)).not.toContain('bcc')
    expect(email.subject).toContain(id)
    expect(email.subject).not.toMatch(/[\r\n]/)
  })

  it('shows what looks like HTML as what was written', async () => {
    const nasty = '<script>alert("1")</script>&amp;'
    await serving.api.post('/payers', { id: nasty, name: 'Nasty' })
    const { id } = await pay('shop', { reference_number: nasty })
    await paymentIn(serving.api, id, 'notified')
    const { email } = await lastMail(3)
    expect(email.text).toContain(nasty)
    expect(email.subject).toContain(nasty)
    expect(email.html).not.toContain('<script')
    expect(email.html).toContain('&lt;script&gt;')
    expect(email.html).toContain('&amp;amp;')
  })

  it('keeps letters of every script', async () => {
    const reference = 'Ånn Ωμέγα 支払い 😀'
    await serving.api.post('/payers', { id: reference, name: 'Ann' })
    const { id } = await pay('shop', { reference_number: reference })
    await paymentIn(serving.api, id, 'notified')
    const { email } = await lastMail(4)
    for (const part of [email.subject, email.text, email.html]) expect(part).toContain(reference)
  })
})

describe('an e-mail route', () => {
  it('is tried again when the mail server says "later", and every try is recorded', async () => {
    mails.refuseNext({ code: 451, message: 'greylisted' }, { code: 452, message: 'full' })
    const { id } = await pay('shop')
    const { deliveries } = await paymentIn(serving.api, id, 'notified')
    expect(deliveries[0]).toMatchObject({ status: 'delivered', attempt_count: 3 })
    expect(deliveries[0].attempts).toMatchObject([
      { result: 'failed', status: 451, answer: expect.stringContaining('greylisted') },
      { result: 'failed', status: 452, answer: expect.stringContaining('full') },
      { result: 'delivered', status: 250, error: null },
    ])
    expect((await lastMail(5)).email.subject).toContain(id)
  })

  it('is the same e-mail, by its Message-ID, when it is redelivered', async () => {
    const first = await lastMail(5)
    const { json } = await serving.api.get('/deliveries?account_number=shop&limit=1')
    await serving.api.act(`/deliveries/${json.data[0].id}/redeliver`)
    const again = await lastMail(6)
    expect(again.email.messageId).toBe(first.email.messageId)
    expect(again.email.text).toBe(first.email.text)
  })
})

describe('a partner with several routes', () => {
  it('is told on each of them, under one webhook-id; notified after the last', async () => {
    await openAccount('both')
    const partner = await openPartner()
    const answer = Promise.withResolvers<() => void>()
    partner.does((response) => answer.resolve(() => response.writeHead(204).end()))
    await addRoute(serving.api, partner.url, { account: 'both' })
    await addRoute(serving.api, 'both@shop.example', { account: 'both', method: 'email' })
    const { id } = await pay('both')
    const give = await answer.promise
    await lastMail(7)
    expect((await serving.api.get(`/payments/${id}`)).json.status).toBe('received')
    give()
    const { deliveries } = await paymentIn(serving.api, id, 'notified')
    expect(deliveries.map((one: Json) => one.notify_method).toSorted()).toEqual(['api', 'email'])
    expect(new Set(deliveries.map((one: Json) => one.webhook_id)).size).toBe(1)
    expect(partner.heard[0]?.headers['webhook-id']).toBe(deliveries[0].webhook_id)
  })

  it('has failed when one of them has given up, though the other was delivered', async () => {
    await openAccount('half')
    const good = await openPartner()
    const bad = await openPartner(says(500))
    for (const { url } of [good, bad]) await addRoute(serving.api, url, { account: 'half' })
    const { id } = await pay('half')
    const { deliveries, ...payment } = await paymentIn(serving.api, id, 'failed')
    expect(payment).toMatchObject({ process_error: true, payment_processed_date: null })
    const statuses = deliveries.map((one: Json) => one.status)
    expect(statuses.toSorted()).toEqual(['delivered', 'failed'])
    expect(good.heard).toHaveLength(1)

    bad.does(says(204))
    const failed = deliveries.find((one: Json) => one.status === 'failed')
    expect((await serving.api.act(`/deliveries/${failed.id}/redeliver`)).status).toBe(202)
    await paymentIn(serving.api, id, 'notified')
    expect(good.heard).toHaveLength(1)
  })
})

describe('a partner without a route', () => {
  it('has unrouted payments: booked, counted, and shown to the operator', async () => {
    await openAccount('quiet')
    const { id, status } = await pay('quiet')
    expect(status).toBe('unrouted')
    const { json } = await serving.api.get('/payments?status=unrouted')
    expect(json.data.map((one: Json) => one.id)).toEqual([id])
    const whole = (await serving.api.get(`/payments/${id}`)).json
    expect(whole).toMatchObject({ status: 'unrouted', process_error: false, deliveries: [] })
    expect(whole.transfer).toMatchObject({ amount: '55.00', currency: 'USD' })
    const metrics = (await http(`${serving.url}/metrics`)).bytes.toString()
    expect(metrics).toMatch(/^giro_payments_total\{.*status="unrouted".*\} 1$/m)
  })

  it('stays so while its route is disabled, and is told of what comes after', async () => {
    const partner = await openPartner()
    const { id } = await addRoute(serving.api, partner.url, { account: 'quiet' })
    const route = `/partners/quiet/routes/${id}`
    expect((await serving.api.patch(route, { enabled: false })).json.enabled).toBe(false)
    expect((await pay('quiet')).status).toBe('unrouted')
    expect((await serving.api.patch(route, { enabled: true })).json.enabled).toBe(true)
    const { id: told } = await pay('quiet')
    await paymentIn(serving.api, told, 'notified')
    expect(partner.heard).toHaveLength(1)
  })
})

describe('after all this', () => {
  it('the books balance', async () => {
    await expectBooksToBalance(giro)
  })
})
