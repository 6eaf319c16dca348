import { createHmac } from 'node:crypto'
import { hidden, setting, text } from '../../platform/config/index.ts'
import { sameSecret } from '../../platform/secret.ts'
import { parseJson } from '../../platform/text.ts'
import { type Outcome, provider, type ReportStatus } from '../provider.ts'
import { formBody } from '../report-form.ts'

const settings = {
  accountSid: setting({
    env: 'TWILIO_ACCOUNT_SID',
    parse: text,
    help: 'account at Twilio, AC…',
  }),
  authToken: setting({
    env: 'TWILIO_AUTH_TOKEN',
    parse: text,
    show: hidden,
    help: 'auth token of that account; it also signs the reports',
  }),
}

/** Numbers that cannot be written to: wrong, not to be reached, unsubscribed, no mobile phone. */
const finalCodes = new Set([21211, 21214, 21610, 21614])

const delivered = new Set(['delivered', 'read'])
const failed = new Set(['failed', 'undelivered', 'canceled'])

/** By itself Twilio repeats no report that was answered with an error. */
const repeats = '#rc=5&rp=all'

const door = '/sms/reports/twilio'

/** Twilio's Messages resource. It knows no idempotency. */
export default provider({
  name: 'twilio',
  settings,
  documentation: formBody('MessageSid', 'MessageStatus', 'ErrorCode'),
  objection({ accountSid, authToken, from }) {
    const needed = {
      TWILIO_ACCOUNT_SID: accountSid,
      TWILIO_AUTH_TOKEN: authToken,
      SMS_FROM: from,
    }
    const lacking = Object.entries(needed).filter(([, value]) => value === null)
    return lacking.length === 0 ? null : `set ${lacking.map(([name]) => name).join(', ')}`
  },
  request({ id, to, text: said }, { accountSid, authToken, from, url, publicUrl }) {
    const form = new URLSearchParams({ To: to, From: from ?? '', Body: said })
    const callback = publicUrl && `${baseOf(publicUrl)}${door}?delivery=${id}${repeats}`
    if (callback) form.set('StatusCallback', callback)
    const basic = Buffer.from(`${accountSid}:${authToken}`).toString('base64')
    const { origin } = new URL(url ?? 'https://api.twilio.com')
    return {
      method: 'POST',
      url: `${origin}/2010-04-01/Accounts/${encodeURIComponent(accountSid ?? '')}/Messages.json`,
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: `${form}`,
    }
  },
  outcome({ status, body }): Outcome {
    const said = Object(parseJson(Buffer.from(body))?.value)
    if (status >= 200 && status < 300)
      return { result: 'accepted', messageId: typeof said.sid === 'string' ? said.sid : null }
    const why = `Twilio answered ${status}: ${said.code ?? ''} ${said.message ?? ''}`.trim()
    return { result: finalCodes.has(Number(said.code)) ? 'never' : 'again', why }
  },
  authenticates({ headers, target, body }, { authToken, publicUrl }) {
    if (authToken === null || publicUrl === null) return false
    const given = `${headers['x-twilio-signature'] ?? ''}`
    // All are compared, so that the time tells nothing.
    const same = signedUrls(publicUrl, target).map((url) =>
      sameSecret(given, signatureOf(url, body, authToken)),
    )
    return same.includes(true)
  },
  report({ target, body }) {
    const form = new URLSearchParams(body.toString('utf8'))
    const [messageId, status] = [form.get('MessageSid'), form.get('MessageStatus')]
    if (!messageId || !status) return null
    const code = form.get('ErrorCode')
    const deliveryId = new URL(target, 'http://giro').searchParams.get('delivery')
    const detail = code ? `${status} ${code}` : status
    return { messageId, deliveryId, status: statusOf(status), detail }
  },
})

/** Without the slash at its end: what stands in front of the paths of Giro. */
function baseOf(publicUrl: string): string {
  return publicUrl.replace(/\/+$/, '')
}

function statusOf(status: string): ReportStatus {
  if (delivered.has(status)) return 'delivered'
  return failed.has(status) ? 'failed' : 'sent'
}

/** The URL as Twilio may have signed it: with its port or without, with what follows # or not. */
function signedUrls(publicUrl: string, target: string): string[] {
  const base = baseOf(publicUrl)
  const withoutPort = base.replace(/^(https?:\/\/[^/:]+):\d+/, '$1')
  return [...new Set([base, withoutPort])].flatMap((one) => [one + target, one + target + repeats])
}

/** HMAC-SHA1 over the URL and the members of the form, in the order of their names. */
function signatureOf(url: string, body: Buffer, authToken: string): string {
  const form = new URLSearchParams(body.toString('utf8'))
  form.sort()
  const members = [...form].map(([name, value]) => name + value)
  return createHmac('sha1', authToken)
    .update(url + members.join(''))
    .digest('base64')
}
