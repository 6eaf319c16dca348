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
import { type Answer, http, type Json } from '../support/http.ts'
import { breaksOff } from '../support/partner.ts'
import { query } from '../support/place.ts'
import { expectProblem } from '../support/problem.ts'
import type { Settings } from '../support/program.ts'
import {
  africasTalkingAnswer,
  africasTalkingApp,
  gatewaySettings,
  never,
  openAfricasTalking,
  openGateway,
  openTwilio,
  reportOf,
  type SmsProvider,
  twilioAccount,
  twilioSignature,
} from '../support/sms.ts'
import { until } from '../support/until.ts'

const phone = '+254711223344'
const publicUrl = 'https://giro.example'

let giro: Giro
let serving: Serving
let provider: SmsProvider

/** One Giro that sends by this provider, and reports as that says them. */
type Kind = {
  open: () => Promise<SmsProvider>
  settings: Settings
  report: (messageId: string, status: 'sent' | 'delivered' | 'failed') => Promise<Answer>
  forged: (messageId: string) => Promise<Answer>[]
  words: { delivered: string; failed: string }
}

const twilioReport = (messageId: string, status: string, change = {}) => {
  const code: Record<string, string> = status === 'undelivered' ? { ErrorCode: '30003' } : {}
  const members = { MessageSid: messageId, MessageStatus: status, To: phone, ...code }
  return reportOf.twilio(serving.url, publicUrl, members, change)
}

const kinds: Record<string, Kind> = {
  twilio: {
    open: openTwilio,
    settings: { ...twilioAccount, PUBLIC_URL: publicUrl },
    report: (messageId, status) =>
      twilioReport(
        messageId,
        { sent: 'sent', delivered: 'delivered', failed: 'undelivered' }[status],
      ),
    forged: (messageId) => [
      twilioReport(messageId, 'delivered', { signature: '' }),
      twilioReport(messageId, 'delivered', { signature: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }),
    ],
    words: { delivered: 'delivered', failed: 'undelivered 30003' },
  },
  africas_talking: {
    open: openAfricasTalking,
    settings: africasTalkingApp,
    report: (id, status) =>
      reportOf.africas_talking(serving.url, {
        id,
        phoneNumber: phone,
        networkCode: '63902',
        ...{
          sent: { status: 'Submitted' },
          delivered: { status: 'Success' },
          failed: { status: 'Failed', failureReason: 'UserIsInactive' },
        }[status],
      }),
    forged: (id) =>
      [null, '', 'report-hus'].map((token) =>
        reportOf.africas_talking(serving.url, { id, status: 'Success' }, { token }),
      ),
    words: { delivered: 'Success', failed: 'Failed UserIsInactive' },
  },
  http: {
    open: openGateway,
    settings: gatewaySettings,
    report: (message_id, status) =>
      reportOf.http(serving.url, { message_id, status, detail: `the phone: ${status}` }),
    forged: (message_id) =>
      [null, 'report-hus'].map((token) =>
        reportOf.http(serving.url, { message_id, status: 'delivered' }, { token }),
      ),
    words: { delivered: 'the phone: delivered', failed: 'the phone: failed' },
  },
}

async function openWith({ open, settings }: Kind): Promise<void> {
  provider = await open()
  giro = await openGiro({ ...settings, SMS_URL: provider.url, DELIVERY_SCHEDULE: '0,0.1,0.1' })
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  await addRoute(serving.api, phone, { method: 'sms' })
  await giro.processor({ DELIVERY_TIMEOUT: '1', DELIVERY_LEASE: '20' })
}

async function pay(status = 'notified'): Promise<Json> {
  const answer = await tell(serving.url, notice({ reference_number: 'payer1' }))
  expect(answer.status).toBe(201)
  return paymentIn(serving.api, answer.json.id, status)
}

async function deliveryOf(payment: Json): Promise<Json> {
  return (await serving.api.get(`/deliveries/${payment.deliveries[0].id}`)).json
}

describe.each(Object.entries(kinds))('a payment told by %s', (name, kind) => {
  beforeAll(() => openWith(kind), 90_000)

  it('is one text to the number of the route, and notified when the provider took it', async () => {
    const payment = await pay()
    const [text] = await provider.receives(1)
    const end = payment.id.slice(-10)
    const says = `55.00 USD received from payer1. Payment ${end}`
    expect(text).toMatchObject({ to: phone, from: kind.settings.SMS_FROM, text: says })
    const [delivery] = payment.deliveries
    expect(delivery).toMatchObject({ notify_method: 'sms', status: 'delivered', report: null })
    expect(delivery.attempts).toMatchObject([{ result: 'delivered', error: null }])
  })

  it('shows what its provider reports, in API, command line and events, each once', async () => {
    const payment = await pay()
    const { messageId } = provider.texts.at(-1) ?? { messageId: '' }
    expect((await kind.report(messageId, 'sent')).status).toBe(204)
    expect((await kind.report(messageId, 'delivered')).status).toBe(204)
    for (const late of ['delivered', 'sent'] as const)
      expect((await kind.report(messageId, late)).status).toBe(204)

    const delivery = await deliveryOf(payment)
    const report = { status: 'delivered', detail: kind.words.delivered }
    expect(delivery.report).toMatchObject({ ...report, message_id: `${name} ${messageId}` })
    expect(await giro.ask('delivery', 'show', delivery.id)).toEqual(delivery)
    const whole = (await serving.api.get(`/payments/${payment.id}`)).json
    expect(whole.deliveries).toEqual([delivery])
    const { json } = await serving.api.get('/deliveries?limit=1')
    expect(json.data[0].report).toEqual(delivery.report)
    const told = await until('both are numbered', async () => {
      const page = await serving.api.get('/events?type=delivery.reported&limit=500')
      const own = page.json.data.filter(({ subject }: Json) => subject === delivery.id)
      return own.length === 2 && own
    })
    expect(told.map(({ data }: Json) => data.status)).toEqual(['sent', 'delivered'])
    expect(told[1].data).toMatchObject({ payment_id: payment.id, notify_method: 'sms', ...report })
  })

  it('stays notified when the phone was not reached, which is shown and counted', async () => {
    const payment = await pay()
    await kind.report(provider.texts.at(-1)?.messageId ?? '', 'failed')
    const { report, status } = await deliveryOf(payment)
    expect({ report, status }).toMatchObject({
      report: { status: 'failed', detail: kind.words.failed },
      status: 'delivered',
    })
    expect((await serving.api.get(`/payments/${payment.id}`)).json.status).toBe('notified')
    const metrics = (await http(`${serving.url}/metrics`)).bytes.toString()
    expect(metrics).toContain(`giro_sms_reports_total{provider="${name}",status="failed"} 1`)
    expect(metrics).toMatch(
      /giro_delivery_attempts_total\{notify_method="sms",result="delivered"\} 3/,
    )
  })

  it('takes no report of anybody else, and none that cannot be read', async () => {
    const payment = await pay()
    const { messageId } = provider.texts.at(-1) ?? { messageId: '' }
    for (const forging of kind.forged(messageId))
      expectProblem(await forging, { status: 401, code: 'unauthorized' })
    expect((await deliveryOf(payment)).report).toBeNull()
    for (const odd of ['', 'a b', 'x'.repeat(200), 'ü'])
      expectProblem(await kind.report(odd, 'sent'), { status: 422, code: 'invalid' })
    const other = Object.keys(kinds).find((one) => one !== name)
    const elsewhere = await http(`${serving.url}/sms/reports/${other}`, { method: 'POST' })
    expectProblem(elsewhere, { status: 401, code: 'unauthorized' })
    expect((await http(`${serving.url}/sms/reports/${name}`)).status).toBe(405)
  })

  it('waits with reports of texts that are not recorded yet, and takes bursts', async () => {
    const strange = Array.from({ length: 100 }, (_, i) => `strange${i}`)
    const answers = await Promise.all(
      [...strange, ...strange].map((messageId) => kind.report(messageId, 'delivered')),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]))
    const rows = await query(
      giro.place,
      `SELECT id FROM sms_messages WHERE delivery_id IS NULL AND report_status = 'delivered'`,
    )
    expect(rows).toHaveLength(100)
    await expectBooksToBalance(giro)
  })

  it('is tried again after an outage, a hang and a broken connection', async () => {
    const before = provider.texts.length
    provider.next({ status: 503, json: {} }, (response) => breaksOff(response, {} as never, 1))
    const { deliveries } = await pay()
    const results = deliveries[0].attempts.map(({ result }: Json) => result)
    expect(results).toEqual(['failed', 'failed', 'delivered'])
    provider.next(never)
    const late = await pay()
    expect(late.deliveries[0].attempts[0].error).toContain('a second copy')
    expect(provider.texts).toHaveLength(before + 2)
  })

  it('keeps no secret of the provider in the tables', async () => {
    for (const table of ['routes', 'events', 'attempts', 'sms_messages']) {
      const rows = await query(giro.place, `SELECT * FROM ${table}`)
      const text = rows.flatMap((row) => Object.values(row).map((value) => `${value}`)).join('\n')
      expect(text).not.toContain('hush')
    }
    const { stdout } = await giro.manage('config')
    expect(stdout).not.toContain('hush')
  })
})

describe('twilio', () => {
  beforeAll(() => openWith(kinds.twilio as Kind), 90_000)

  it('reports to the URL that it was given, also of a text whose answer was lost', async () => {
    provider.next(never)
    const payment = await pay()
    const lost = new URLSearchParams(provider.asked[0]?.body).get('StatusCallback') ?? ''
    const { pathname, search } = new URL(lost)
    const target = pathname + search
    expect(target).toBe(`/sms/reports/twilio?delivery=${payment.deliveries[0].id}`)
    expect((await twilioReport('SMlost', 'sent', { target })).status).toBe(204)
    const again = provider.texts.at(-1)?.messageId ?? ''
    await twilioReport(again, 'undelivered', { target })
    expect((await deliveryOf(payment)).report).toMatchObject({
      status: 'failed',
      message_id: `twilio ${again}`,
    })
    const other = { target: '/sms/reports/twilio?delivery=dlv_other', signature: 'x' }
    expectProblem(await twilioReport('SMlost', 'delivered', other), {
      status: 401,
      code: 'unauthorized',
    })
  })

  it.each([
    ['https://giro.example:8443', 'https://giro.example/sms/reports/twilio'],
    ['https://giro.example:8443', 'https://giro.example:8443/sms/reports/twilio'],
    ['https://giro.example/books/', 'https://giro.example/books/sms/reports/twilio#rc=5&rp=all'],
  ])('at %s may have signed %s', async (PUBLIC_URL, signed) => {
    const there = await giro.serve({ PUBLIC_URL })
    const members = { MessageSid: 'SM1', MessageStatus: 'sent', To: phone, ToCity: 'x', A: '' }
    const signature = twilioSignature(signed, members)
    const answer = await reportOf.twilio(there.url, '', members, { signature })
    expect(answer.status).toBe(204)
    const { MessageSid: _, ...fewer } = members
    expect((await reportOf.twilio(there.url, '', fewer, { signature })).status).toBe(401)
    await there.end()
  })
})

describe('a number that cannot be written to', () => {
  beforeAll(() => openWith(kinds.africas_talking as Kind), 90_000)

  it('fails at once, without the tries that would all be refused', async () => {
    provider.next(africasTalkingAnswer(403, 'InvalidPhoneNumber'))
    const { deliveries } = await pay('failed')
    expect(deliveries[0]).toMatchObject({ status: 'failed', attempt_count: 1, due_date: null })
    expect(deliveries[0].attempts[0].error).toContain('403 InvalidPhoneNumber')
    await serving.api.act(`/deliveries/${deliveries[0].id}/redeliver`)
    await provider.receives(1)
  })

  it.each([
    ['254711223344'],
    ['+1234567'],
    ['+1234567890123456'],
    ['+0711223344'],
    ['+254 711 223 344'],
    ['+254711223344\n'],
    ['+254711223344,+254711223345'],
    ['tel:+254711223344'],
    ['a@shop.example'],
  ])('is refused as the contact path %j', async (contact_path) => {
    const route = { notify_method: 'sms', contact_path }
    const refused = { status: 422, code: 'invalid', pointers: ['/contact_path'] }
    expectProblem(await serving.api.post('/partners/partner1/routes', route), refused)
    const [own] = (await serving.api.get('/partners/partner1')).json.routes
    const path = `/partners/partner1/routes/${own.id}`
    expectProblem(await serving.api.patch(path, { contact_path }), refused)
  })

  it('has neither a signature nor headers, on the command line as in the API', async () => {
    for (const more of [{ signature: 'v1' }, { headers: { 'X-Key': 'a' } }]) {
      const route = { notify_method: 'sms', contact_path: phone, ...more }
      const [member] = Object.keys(more)
      const refused = { status: 422, code: 'invalid', pointers: [`/${member}`] }
      expectProblem(await serving.api.post('/partners/partner1/routes', route), refused)
    }
    const create = ['route', 'create', 'partner1', '--method', 'sms', '--to']
    const made = await giro.ask(...create, '+25470000000')
    expect(made).toMatchObject({ notify_method: 'sms', contact_path: '+25470000000', secret: null })
    const { code, stderr } = await giro.manage(...create, '0711223344')
    expect(code).toBe(1)
    expect(stderr).toContain('phone number')
  })
})

describe('a Giro without a provider', () => {
  it('fails the attempt with what to set, and takes no reports', async () => {
    const bare = await openGiro({ DELIVERY_SCHEDULE: '0' })
    serving = await bare.serve()
    await registerSampleParties(serving.api)
    await addRoute(serving.api, phone, { method: 'sms' })
    await bare.processor()
    const { deliveries } = await pay('failed')
    expect(deliveries[0].attempts[0].error).toContain('set SMS_PROVIDER')
    for (const name of Object.keys(kinds)) {
      const answer = await http(`${serving.url}/sms/reports/${name}`, { method: 'POST' })
      expectProblem(answer, { status: 401, code: 'unauthorized' })
    }
  }, 60_000)
})
