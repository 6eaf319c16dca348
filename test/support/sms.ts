import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type Answer, http, type Json } from './http.ts'
import { listeningHttp } from './listening.ts'
import type { Settings } from './program.ts'
import { until } from './until.ts'

/** A text as a provider took it. */
export type TakenText = { to: string; from: string | null; text: string; messageId: string }

/** A request as it came in, whoever sent it. */
export type Asked = {
  method: string
  path: string
  headers: Record<string, string | string[] | undefined>
  body: string
}

type Said = { status: number; json?: Json }

/** What a provider does with the next request instead of taking the text. */
export type Odd = Said | ((response: ServerResponse) => void)

export type SmsProvider = {
  url: string
  asked: Asked[]
  texts: TakenText[]
  /** The next requests are answered so, one after the other; then all are taken again. */
  next(...odd: Odd[]): void
  receives(count: number): Promise<TakenText[]>
}

/** Takes a text as its provider does, or refuses what is not as its documentation has it. */
type Contract = (asked: Asked, messageId: string) => { said: Said; taken: TakenText | null }

/** A provider's own HTTP server in the test's process. */
async function openProvider(contract: Contract): Promise<SmsProvider> {
  const asked: Asked[] = []
  const texts: TakenText[] = []
  const odd: Odd[] = []
  const url = await listeningHttp(async (request, response) => {
    const bytes = await buffer(request).catch(() => null)
    if (bytes === null) return
    const { method = '', url: path = '', headers } = request
    const one = { method, path, headers, body: bytes.toString() }
    asked.push(one)
    const unusual = odd.shift()
    if (typeof unusual === 'function') return unusual(response)
    const { said, taken } = unusual
      ? { said: unusual, taken: null }
      : contract(one, `SM${String(texts.length + 1).padStart(32, '0')}`)
    if (taken) texts.push(taken)
    response.writeHead(said.status, { 'content-type': 'application/json' })
    response.end(said.json === undefined ? '' : JSON.stringify(said.json))
  })
  return {
    url,
    asked,
    texts,
    next: (...behaviours) => {
      odd.push(...behaviours)
    },
    receives: (count) => until(`${count} texts`, () => texts.length >= count && texts),
  }
}

export const never: Odd = () => {}

const refused = (status: number, json: Json) => ({ said: { status, json }, taken: null })

const isForm = ({ headers }: Asked) =>
  headers['content-type'] === 'application/x-www-form-urlencoded'

export const twilioAccount: Settings = {
  SMS_PROVIDER: 'twilio',
  SMS_FROM: '+15005550006',
  TWILIO_ACCOUNT_SID: 'AC0123456789',
  TWILIO_AUTH_TOKEN: 'twilio hush',
}

export function openTwilio(): Promise<SmsProvider> {
  const basic = `Basic ${Buffer.from('AC0123456789:twilio hush').toString('base64')}`
  return openProvider((asked, sid) => {
    if (asked.headers.authorization !== basic)
      return refused(401, { code: 20003, message: 'Authenticate', status: 401 })
    if (asked.method !== 'POST' || asked.path !== '/2010-04-01/Accounts/AC0123456789/Messages.json')
      return refused(404, { code: 20404, message: 'Not found', status: 404 })
    const form = new URLSearchParams(asked.body)
    const [to, from, text] = ['To', 'From', 'Body'].map((name) => form.get(name))
    if (!isForm(asked) || !to || !from || !text)
      return refused(400, { code: 21604, message: 'A parameter is missing', status: 400 })
    const json = { sid, status: 'queued', to, from, body: text, error_code: null }
    return { said: { status: 201, json }, taken: { to, from, text, messageId: sid } }
  })
}

export const africasTalkingApp: Settings = {
  SMS_PROVIDER: 'africas_talking',
  SMS_FROM: 'GIRO',
  AFRICAS_TALKING_USERNAME: 'sandbox',
  AFRICAS_TALKING_API_KEY: 'at-hush',
  SMS_REPORT_TOKEN: 'report-hush',
}

/** What the answer says of the one recipient. */
export function africasTalkingAnswer(statusCode: number, status: string, messageId = 'None') {
  const number = '+254711223344'
  const Recipients = [{ statusCode, number, cost: '0', status, messageId }]
  return { status: 201, json: { SMSMessageData: { Message: 'Sent to 1/1', Recipients } } }
}

export function openAfricasTalking(): Promise<SmsProvider> {
  return openProvider((asked, messageId) => {
    if (asked.headers.apikey !== 'at-hush') return refused(401, 'The supplied API key is invalid')
    if (asked.method !== 'POST' || asked.path !== '/version1/messaging') return refused(404, '')
    const form = new URLSearchParams(asked.body)
    const [username, to, text] = ['username', 'to', 'message'].map((name) => form.get(name))
    if (!isForm(asked) || username !== 'sandbox' || !to || !text) return refused(400, 'Wrong')
    const said = africasTalkingAnswer(101, 'Success', messageId)
    return { said, taken: { to, from: form.get('from'), text, messageId } }
  })
}

export const gatewaySettings: Settings = {
  SMS_PROVIDER: 'http',
  SMS_FROM: 'Giro',
  SMS_HTTP_HEADERS: '{"X-Key":"gateway hush","Idempotency-Key":"{id}"}',
  SMS_HTTP_MESSAGE_ID: 'messages.0.id',
  SMS_REPORT_TOKEN: 'report-hush',
}

/** A gateway that takes JSON, each text once under its idempotency key. */
export function openGateway(): Promise<SmsProvider> {
  const known = new Map<string, { said: Said; taken: TakenText }>()
  return openProvider((asked, messageId) => {
    if (asked.headers['x-key'] !== 'gateway hush') return refused(401, {})
    const { id, from, to, text } = JSON.parse(asked.body)
    const key = `${asked.headers['idempotency-key']}`
    if (asked.headers['content-type'] !== 'application/json' || !to || !text || key !== id)
      return refused(422, {})
    const before = known.get(key)
    if (before) return { ...before, taken: null }
    const said = { status: 202, json: { messages: [{ id: messageId }] } }
    const once = { said, taken: { to, from, text, messageId } }
    known.set(key, once)
    return once
  })
}

type Change = { signature?: string; token?: string | null; target?: string }

const form = (members: Record<string, string>) => ({
  body: `${new URLSearchParams(members)}`,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
})

/** Twilio's signature, as its documentation describes it. */
export function twilioSignature(url: string, members: Record<string, string>): string {
  const sorted = Object.keys(members).toSorted()
  const text = url + sorted.map((name) => name + members[name]).join('')
  return createHmac('sha1', 'twilio hush').update(text).digest('base64')
}

/** Posts a report as each provider does; `url` is where it reaches Giro. */
export const reportOf = {
  twilio(url: string, publicUrl: string, members: Record<string, string>, change: Change = {}) {
    const { target = '/sms/reports/twilio' } = change
    const signature = change.signature ?? twilioSignature(publicUrl + target, members)
    const { body, headers } = form(members)
    const signed = { ...headers, 'x-twilio-signature': signature }
    return http(`${url}${target}`, { method: 'POST', headers: signed, body })
  },
  africas_talking(url: string, members: Record<string, string>, { token }: Change = {}) {
    const query = token === null ? '' : `?token=${token ?? 'report-hush'}`
    return http(`${url}/sms/reports/africas_talking${query}`, { method: 'POST', ...form(members) })
  },
  http(url: string, report: Json, { token }: Change = {}): Promise<Answer> {
    const authorization =
      token === null ? {} : { authorization: `Bearer ${token ?? 'report-hush'}` }
    const headers = { 'content-type': 'application/json', ...authorization }
    const body = JSON.stringify(report)
    return http(`${url}/sms/reports/http`, { method: 'POST', headers, body })
  },
}
