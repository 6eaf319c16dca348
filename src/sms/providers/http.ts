import { z } from 'zod'
import { BadValue, hidden, oneOf, setting, text } from '../../platform/config/index.ts'
import { bearerOf } from '../../platform/http/index.ts'
import { sameSecret } from '../../platform/secret.ts'
import { parseJson, safeText } from '../../platform/text.ts'
import { provider, type Request, reportStatuses } from '../provider.ts'
import { escapes, filled } from '../template.ts'

const settings = {
  method: setting({
    env: 'SMS_HTTP_METHOD',
    default: 'POST',
    parse: oneOf('GET', 'POST'),
    help: 'how the gateway is asked; with GET everything stands in SMS_URL',
  }),
  type: setting({
    env: 'SMS_HTTP_TYPE',
    default: 'json',
    parse: oneOf('json', 'form'),
    help: 'what SMS_HTTP_BODY is, and so how values are escaped in it',
  }),
  body: setting({
    env: 'SMS_HTTP_BODY',
    parse: text,
    help: 'what the gateway is sent, with {to}, {text}, {from} and {id}; by default these by name',
  }),
  headers: setting({
    env: 'SMS_HTTP_HEADERS',
    parse: headersOf,
    show: hidden,
    help: 'headers as a JSON object; {id} in one is the same at every try, for idempotency',
  }),
  accepted: setting({
    env: 'SMS_HTTP_ACCEPTED',
    default: '200-299',
    parse: statusesOf,
    help: 'statuses by which the gateway takes a text',
  }),
  never: setting({
    env: 'SMS_HTTP_NEVER',
    default: '400,404,410,413,422',
    parse: statusesOf,
    help: 'statuses after which a text is not tried again',
  }),
  messageId: setting({
    env: 'SMS_HTTP_MESSAGE_ID',
    parse: text,
    help: "where the answer has the gateway's id, such as data.0.id; without it {id} is the id",
  }),
}

const defaultBody = {
  json: '{"id":"{id}","from":"{from}","to":"{to}","text":"{text}"}',
  form: 'id={id}&from={from}&to={to}&text={text}',
}

const contentTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded' }

const reportJson = z.object({
  message_id: safeText(1, 128),
  status: z.enum(reportStatuses),
  detail: safeText(0, 255).default(''),
})

/** Any gateway that takes a text by one HTTP request. */
export default provider({
  name: 'http',
  settings,
  documentation: { contentType: 'application/json', report: reportJson },
  objection({ url, type, body, method }) {
    if (url === null) return 'set SMS_URL'
    const said = method === 'GET' ? url : (body ?? defaultBody[type])
    const lacks = ['{to}', '{text}'].find((one) => !said.includes(one))
    const where = method === 'GET' ? 'SMS_URL' : 'SMS_HTTP_BODY'
    if (lacks !== undefined) return `${where} must have ${lacks} in it`
    if (method === 'POST' && type === 'json' && !parseJson(Buffer.from(said)))
      return 'SMS_HTTP_BODY must be JSON, with values in quotes'
    return null
  },
  request({ id, to, text: said }, { url, method, type, body, headers, from }): Request {
    const facts = { id, to, text: said, from: from ?? '' }
    const own = Object.entries(headers ?? {}).map(([name, value]) => [
      name,
      value.replaceAll('{id}', id),
    ])
    const typed = method === 'GET' ? {} : { 'content-type': contentTypes[type] }
    return {
      method,
      url: filled(url ?? '', facts, escapes.form),
      headers: { ...typed, ...Object.fromEntries(own) },
      body: method === 'GET' ? null : filled(body ?? defaultBody[type], facts, escapes[type]),
    }
  },
  outcome({ status, body }, { accepted, never, messageId }, { id }) {
    if (accepted(status))
      return { result: 'accepted', messageId: messageId === null ? id : memberOf(body, messageId) }
    const why = `the gateway answered ${status}`
    return { result: never(status) ? 'never' : 'again', why }
  },
  authenticates: ({ headers }, { reportToken }) =>
    reportToken !== null && sameSecret(bearerOf(headers.authorization) ?? '', reportToken),
  report({ body }) {
    const read = reportJson.safeParse(parseJson(body)?.value)
    if (!read.success) return null
    const { message_id: messageId, status, detail } = read.data
    return { messageId, deliveryId: null, status, detail }
  },
})

/** A member deep within a JSON text; null where it is not there. */
function memberOf(body: string, path: string): string | null {
  let value = parseJson(Buffer.from(body))?.value
  for (const step of path.split('.')) value = Object(value)[step]
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : null
}

function headersOf(value: string): Record<string, string> {
  const headers = z
    .record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/), z.string().regex(/^[\x20-\x7e]*$/))
    .safeParse(parseJson(Buffer.from(value))?.value)
  if (!headers.success)
    throw new BadValue('must be a JSON object of headers, such as {"X-Key":"…"}')
  // As the content type is written that they may take the place of.
  return Object.fromEntries(
    Object.entries(headers.data).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

/** Statuses and ranges of them, with commas between. */
function statusesOf(value: string): (status: number) => boolean {
  const ranges = value.split(',').map((part) => /^ *(\d{3})(?:-(\d{3}))? *$/.exec(part))
  if (ranges.includes(null)) throw new BadValue('must be statuses such as 200-299,409')
  return (status) =>
    ranges.some(
      (range) => status >= Number(range?.[1]) && status <= Number(range?.[2] ?? range?.[1]),
    )
}
