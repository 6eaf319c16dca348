import { hidden, setting, text } from '../../platform/config/index.ts'
import { sameSecret } from '../../platform/secret.ts'
import { parseJson } from '../../platform/text.ts'
import { type Outcome, provider, type ReportStatus } from '../provider.ts'
import { formBody } from '../report-form.ts'

const settings = {
  username: setting({
    env: 'AFRICAS_TALKING_USERNAME',
    parse: text,
    help: "app at Africa's Talking; sandbox is the one to try it with",
  }),
  apiKey: setting({
    env: 'AFRICAS_TALKING_API_KEY',
    parse: text,
    show: hidden,
    help: 'API key of that app',
  }),
}

/** Processed, sent, queued. */
const acceptedCodes = new Set([100, 101, 102])

/** A wrong number, one of a kind that gets no SMS, one that is on the black list. */
const finalCodes = new Set([403, 404, 406])

const failed = new Set(['Failed', 'Rejected', 'AbsentSubscriber', 'Expired'])

type Recipient = { statusCode?: unknown; status?: unknown; messageId?: unknown }

/** Africa's Talking, bulk SMS. */
export default provider({
  name: 'africas_talking',
  settings,
  documentation: formBody('id', 'status', 'failureReason'),
  objection({ username, apiKey }) {
    const needed = { AFRICAS_TALKING_USERNAME: username, AFRICAS_TALKING_API_KEY: apiKey }
    const lacking = Object.entries(needed).filter(([, value]) => value === null)
    return lacking.length === 0 ? null : `set ${lacking.map(([name]) => name).join(', ')}`
  },
  request({ to, text: said }, { username, apiKey, from, url }) {
    const form = new URLSearchParams({ username: username ?? '', to, message: said })
    if (from !== null) form.set('from', from)
    const host = username === 'sandbox' ? 'api.sandbox' : 'api'
    const origin = new URL(url ?? `https://${host}.africastalking.com`).origin
    return {
      method: 'POST',
      url: `${origin}/version1/messaging`,
      headers: {
        apiKey: apiKey ?? '',
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: `${form}`,
    }
  },
  outcome({ status, body }): Outcome {
    const data = Object(Object(parseJson(Buffer.from(body))?.value).SMSMessageData)
    const [one] = (Array.isArray(data.Recipients) ? data.Recipients : []) as Recipient[]
    // A key that is wrong is answered in plain words.
    if (!one) return { result: 'again', why: `it answered ${status}: ${data.Message ?? body}` }
    const code = Number(one.statusCode)
    if (acceptedCodes.has(code)) return { result: 'accepted', messageId: idOf(one) }
    const why = `it answered ${code} ${one.status}`
    return { result: finalCodes.has(code) ? 'never' : 'again', why }
  },
  authenticates({ target }, { reportToken }) {
    const token = new URL(target, 'http://giro').searchParams.get('token')
    return reportToken !== null && sameSecret(token ?? '', reportToken)
  },
  report({ body }) {
    const form = new URLSearchParams(body.toString('utf8'))
    const [messageId, status] = [form.get('id'), form.get('status')]
    if (!messageId || !status) return null
    const detail = [status, form.get('failureReason')].filter(Boolean).join(' ')
    return { messageId, deliveryId: null, status: statusOf(status), detail }
  },
})

/** What was not accepted has the id None. */
function idOf({ messageId }: Recipient): string | null {
  return typeof messageId === 'string' && messageId !== 'None' ? messageId : null
}

function statusOf(status: string): ReportStatus {
  if (status === 'Success') return 'delivered'
  return failed.has(status) ? 'failed' : 'sent'
}
