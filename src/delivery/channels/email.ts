import type { Transporter } from 'nodemailer'
import { type Clock, sleep } from '../../platform/clock.ts'
import type { Stage } from '../../platform/outbound/index.ts'
import { createSemaphore } from '../../platform/semaphore.ts'
import type { Sent } from '../delivery.ts'
import { answerText, type Channel, failed, type Message } from './channel.ts'
import { paymentMail } from './payment-mail.ts'
import { testMail } from './test-mail.ts'

type Options = { clock: Clock; smtpUrl: string | null; from: string; timeoutMs: number }

/** Mail servers mind how many connections one client has. */
const connections = 5

/**
 * Sends e-mail over pooled SMTP connections; nodemailer is loaded with the first one. A mail is
 * handed over only when a connection is free for it, and the connection counts as taken until the
 * mail has gone or failed: nodemailer's own queue would send what was long given up here.
 */
export function emailChannel({ clock, smtpUrl, from, timeoutMs }: Options): Channel {
  let transporter: Promise<Transporter> | undefined
  const free = createSemaphore(connections)

  async function send(message: Message): Promise<Sent> {
    if (smtpUrl === null) return failed('no mail server is configured: set SMTP_URL', 'before')
    const said = message.event.type === 'giro.test' ? testMail(message) : paymentMail(message)
    const mail = { from, to: message.route.contactPath, ...said }
    const { to, subject, messageId, text } = mail
    message.shows?.({ headers: { from, to, subject, 'message-id': messageId }, body: text })
    const tooLate = new AbortController()
    try {
      transporter ??= connect(smtpUrl, timeoutMs)
      const mailer = await transporter
      await free.acquire()
      if (clock.now() + timeoutMs > message.leaseEnd) {
        free.release()
        return failed('the mail server was too slow with the mails before this one', 'before')
      }
      const sending = mailer.sendMail(mail)
      sending.then(free.release, free.release)
      const info = await Promise.race([sending, sleep(timeoutMs, tooLate.signal)])
      if (!info)
        return failed(`the mail server did not answer within ${timeoutMs / 1000} s`, 'during')
      const answer = answerText(Buffer.from(`${info.response}`))
      return { delivered: true, stage: 'after', status: 250, error: null, answer }
    } catch (error) {
      return failedBy(error as SmtpError)
    } finally {
      tooLate.abort()
    }
  }

  return { send, close: async () => (await transporter?.catch(() => undefined))?.close() }
}

type SmtpError = Error & {
  code?: string
  syscall?: string
  responseCode?: number
  response?: string
}

function failedBy(error: SmtpError): Sent {
  const { message, response, responseCode: status = null } = error
  const answer = response === undefined ? null : answerText(Buffer.from(response))
  return failed(message, stageOf(error), { status, answer })
}

/** What is said before the text of a mail is sent; of the rest nodemailer does not say how far. */
const beforeTheText = new Set(['EDNS', 'ETLS', 'EAUTH', 'EENVELOPE'])

function stageOf({ code = '', syscall, responseCode }: SmtpError): Stage {
  if (responseCode !== undefined) return code === 'EMESSAGE' ? 'after' : 'before'
  return beforeTheText.has(code) || syscall === 'connect' ? 'before' : 'during'
}

async function connect(smtpUrl: string, timeoutMs: number): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  return createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: connections,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}
