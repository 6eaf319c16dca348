import { describe, expect, it } from '@jest/globals'
import { UserError } from '../../src/platform/problem.ts'
import { createSender, openProviders } from '../../src/sms/index.ts'
import { atEnd } from '../support/at-end.ts'
import { guardFor } from '../support/guard.ts'
import { breaksOff } from '../support/partner.ts'
import { freePort } from '../support/port.ts'
import type { Settings } from '../support/program.ts'
import {
  africasTalkingAnswer,
  africasTalkingApp,
  gatewaySettings,
  never,
  type Odd,
  openAfricasTalking,
  openGateway,
  openTwilio,
  type SmsProvider,
  twilioAccount,
} from '../support/sms.ts'

const text = { id: 'dlv_1', to: '+254711223344', text: '55.00 USD from “ñ€ & co=1”\n"\\😀' }

function senderOn(settings: Settings, { timeoutMs = 5000, guard = guardFor() } = {}) {
  const { chosen } = openProviders(settings)
  if (!chosen) throw new Error('a provider is chosen')
  const sender = createSender(chosen, { guard, proxy: null, longestMs: timeoutMs })
  atEnd(() => sender.close())
  return { ...sender, send: (one: typeof text) => sender.send(one, timeoutMs) }
}

type Opened = { provider: SmsProvider; settings: Settings }

const kinds: Record<string, () => Promise<Opened>> = {
  twilio: async () => opened(await openTwilio(), twilioAccount),
  africas_talking: async () => opened(await openAfricasTalking(), africasTalkingApp),
  http: async () => opened(await openGateway(), gatewaySettings),
}

const opened = (provider: SmsProvider, settings: Settings): Opened => ({
  provider,
  settings: { ...settings, SMS_URL: provider.url },
})

describe.each(Object.entries(kinds))('%s', (_, open) => {
  it('is handed a text as its documentation has it, and says what it calls it', async () => {
    const { provider, settings } = await open()
    const handed = await senderOn(settings).send(text)
    const from = settings.SMS_FROM
    const messageId = provider.texts[0]?.messageId
    expect(provider.texts).toEqual([{ to: text.to, from, text: text.text, messageId }])
    expect(handed.outcome).toEqual({ result: 'accepted', messageId })
    expect(handed.answer).toContain(messageId)
  })

  it.each([429, 500, 502, 503])('is asked again after a %d', async (status) => {
    const { provider, settings } = await open()
    provider.next({ status, json: {} })
    const sender = senderOn(settings)
    const handed = await sender.send(text)
    expect(handed).toMatchObject({ outcome: { result: 'again' }, status })
    expect((await sender.send(text)).outcome.result).toBe('accepted')
  })

  it('is asked again where nobody answers, or not in time, or not to the end', async () => {
    const { provider, settings } = await open()
    const away = { ...settings, SMS_URL: `http://127.0.0.1:${await freePort()}` }
    expect((await senderOn(away).send(text)).outcome).toMatchObject({
      result: 'again',
      why: 'the connection was refused',
    })
    provider.next(never)
    expect((await senderOn(settings, { timeoutMs: 100 }).send(text)).outcome).toMatchObject({
      result: 'again',
      why: expect.stringContaining('a second copy'),
    })
    provider.next((response) => breaksOff(response, {} as never, 1))
    expect((await senderOn(settings).send(text)).outcome.result).toBe('again')
  })

  it('is not read to the end of an endless answer', async () => {
    const { provider, settings } = await open()
    provider.next((response) => {
      const pour = () => {
        while (response.write('x'.repeat(1000)));
      }
      response.writeHead(500).on('drain', pour)
      pour()
    })
    const { answer, outcome } = await senderOn(settings).send(text)
    expect(outcome.result).toBe('again')
    expect(answer?.length).toBeLessThan(100_000)
  })

  it('is not asked where the guard forbids it', async () => {
    const { provider, settings } = await open()
    const guard = guardFor({ ports: [443] })
    const { outcome } = await senderOn(settings, { guard }).send(text)
    expect(outcome).toMatchObject({ why: expect.stringContaining('nothing was sent') })
    expect(provider.asked).toEqual([])
  })

  it('with credentials that are wrong says so, and is asked again when they are mended', async () => {
    const { settings } = await open()
    const wrong = { TWILIO_AUTH_TOKEN: 'x', AFRICAS_TALKING_API_KEY: 'x', SMS_HTTP_HEADERS: '{}' }
    const handed = await senderOn({ ...settings, ...wrong }).send(text)
    expect(handed).toMatchObject({ outcome: { result: 'again' }, status: 401 })
  })
})

describe('a refusal that lasts', () => {
  const twilio = (code: number): Odd => ({
    status: 400,
    json: { code, message: 'No', status: 400 },
  })

  it.each([
    ['twilio', twilio(21211), 'never'],
    ['twilio', twilio(21214), 'never'],
    ['twilio', twilio(21610), 'never'],
    ['twilio', twilio(21614), 'never'],
    ['twilio', twilio(20429), 'again'],
    ['twilio', twilio(21408), 'again'],
    ['africas_talking', africasTalkingAnswer(100, 'Processed', 'ATXid_1'), 'accepted'],
    ['africas_talking', africasTalkingAnswer(102, 'Queued', 'ATXid_1'), 'accepted'],
    ['africas_talking', africasTalkingAnswer(403, 'InvalidPhoneNumber'), 'never'],
    ['africas_talking', africasTalkingAnswer(404, 'UnsupportedNumberType'), 'never'],
    ['africas_talking', africasTalkingAnswer(406, 'UserInBlacklist'), 'never'],
    ['africas_talking', africasTalkingAnswer(405, 'InsufficientBalance'), 'again'],
    ['africas_talking', africasTalkingAnswer(409, 'DoNotDisturbRejection'), 'again'],
    ['africas_talking', africasTalkingAnswer(500, 'InternalServerError'), 'again'],
    ['africas_talking', { status: 201, json: { SMSMessageData: { Recipients: [] } } }, 'again'],
    ['africas_talking', { status: 201, json: [1] }, 'again'],
    ['africas_talking', { status: 201 }, 'again'],
    ['http', { status: 404 }, 'never'],
    ['http', { status: 403 }, 'again'],
    ['http', { status: 301 }, 'again'],
    ['http', { status: 200, json: { messages: [{ id: 7 }] } }, 'accepted'],
    ['http', { status: 200, json: 'fine' }, 'accepted'],
  ] as const)('of %s: %j means %s', async (kind, odd, result) => {
    const { provider, settings } = await (kinds[kind] as () => Promise<Opened>)()
    provider.next(odd)
    expect((await senderOn(settings).send(text)).outcome.result).toBe(result)
  })
})

describe('twilio, where Giro can be reached', () => {
  it('is told where to report, with the delivery that the text is of', async () => {
    const { provider, settings } = await (kinds.twilio as () => Promise<Opened>)()
    await senderOn({ ...settings, PUBLIC_URL: 'https://giro.example/' }).send(text)
    const form = new URLSearchParams(provider.asked[0]?.body)
    expect(form.get('StatusCallback')).toBe(
      'https://giro.example/sms/reports/twilio?delivery=dlv_1#rc=5&rp=all',
    )
  })
})

describe('a gateway', () => {
  it('takes a text once under its idempotency key, however often it is handed over', async () => {
    const { provider, settings } = await (kinds.http as () => Promise<Opened>)()
    const sender = senderOn(settings)
    const first = await sender.send(text)
    expect(await sender.send(text)).toEqual(first)
    expect(provider.texts).toHaveLength(1)
  })

  it('is asked by GET with everything in the URL, or by a form', async () => {
    const { provider, settings } = await (kinds.http as () => Promise<Opened>)()
    provider.next({ status: 200 }, { status: 200 })
    const SMS_URL = `${provider.url}/send?to={to}&text={text}&ref={id}&from={from}`
    await senderOn({ ...settings, SMS_HTTP_METHOD: 'GET', SMS_URL }).send(text)
    await senderOn({ ...settings, SMS_HTTP_TYPE: 'form' }).send(text)
    const [get, post] = provider.asked
    const wanted = { to: text.to, text: text.text, from: 'Giro' }
    const query = Object.fromEntries(new URL(get?.path ?? '', provider.url).searchParams)
    expect([get?.method, query]).toEqual(['GET', { ...wanted, ref: 'dlv_1' }])
    expect(post?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    const form = Object.fromEntries(new URLSearchParams(post?.body))
    expect(form).toEqual({ ...wanted, id: 'dlv_1' })
  })
})

describe('a provider that cannot send', () => {
  it.each([
    [{ SMS_PROVIDER: 'pigeon' }, 'one of africas_talking, http, twilio'],
    [{ SMS_PROVIDER: 'twilio' }, 'set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, SMS_FROM'],
    [{ ...twilioAccount, TWILIO_AUTH_TOKEN: '' }, 'set TWILIO_AUTH_TOKEN.'],
    [{ SMS_PROVIDER: 'africas_talking' }, 'AFRICAS_TALKING_USERNAME, AFRICAS_TALKING_API_KEY'],
    [{ SMS_PROVIDER: 'http' }, 'set SMS_URL'],
    [{ SMS_PROVIDER: 'http', SMS_URL: 'http://x/', SMS_HTTP_BODY: '{"to":{to}}' }, '{text}'],
    [{ SMS_PROVIDER: 'http', SMS_URL: 'http://x/', SMS_HTTP_BODY: '{to}{text}' }, 'must be JSON'],
    [{ SMS_PROVIDER: 'http', SMS_URL: 'http://x/', SMS_HTTP_METHOD: 'GET' }, 'SMS_URL must have'],
    [{ SMS_HTTP_HEADERS: '{"a b":"c"}' }, 'SMS_HTTP_HEADERS must be a JSON object'],
    [{ SMS_HTTP_ACCEPTED: '2xx' }, 'SMS_HTTP_ACCEPTED must be statuses'],
    [{ SMS_URL: 'gateway' }, 'SMS_URL must be a URL'],
  ] as [Settings, string][])('%j is refused in a sentence', (settings, said) => {
    expect(() => openProviders(settings)).toThrow(UserError)
    expect(() => openProviders(settings)).toThrow(said)
  })

  it('is none where none is named', () => {
    expect(openProviders({}).chosen).toBeNull()
  })
})
