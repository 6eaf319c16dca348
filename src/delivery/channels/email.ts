import type { Transporter } from 'nodemailer'
import { sleep } from '../../platform/clock.ts'
import type { Sent } from '../delivery.ts'
import { answerText, type Channel, failed, type Message } from './channel.ts'
import { paymentMail } from './payment-mail.ts'

type Options = { smtpUrl: string | null; from: string; timeoutMs: number }

/** Sends e-mail over pooled SMTP connections; nodemailer is loaded with the first one. */
export function emailChannel({ smtpUrl, from, timeoutMs }: Options): Channel {
  let transporter: Promise<Transporter> | undefined

  async function send(message: Message): Promise<Sent> {
    if (smtpUrl === null) return failed('no mail server is configured: set SMTP_URL')
    transporter ??= connect(smtpUrl, timeoutMs)
    const tooLate = new AbortController()
    try {
      const mail = { from, to: message.route.contactPath, ...paymentMail(message) }
      const sending = (await transporter).sendMail(mail)
      sending.catch(() => {})
      const info = await Promise.race([sending, sleep(timeoutMs, tooLate.signal)])
      if (!info) return failed(`the mail server did not answer within ${timeoutMs / 1000} s`)
      const answer = answerText(Buffer.from(`${info.response}`))
      return { delivered: true, status: 250, error: null, answer }
    } catch (error) {
      const { responseCode, response, message: reason } = error as SmtpError
      const answer = response === undefined ? null : answerText(Buffer.from(response))
      return failed(reason, responseCode ?? null, answer)
    } finally {
      tooLate.abort()
    }
  }

  return { send, close: async () => (await transporter)?.close() }
}

type SmtpError = Error & { responseCode?: number; response?: string }

async function connect(smtpUrl: string, timeoutMs: number): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  return createTransport({
    url: smtpUrl,
    pool: true,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}
