import type { SendMailOptions, Transporter } from 'nodemailer'
import type { Clock } from '../../platform/clock.ts'
import type { Dkim, MailServer } from '../../platform/config/index.ts'
import { createSemaphore } from '../../platform/semaphore.ts'
import type { Sent } from '../delivery.ts'
import { answerText, type Channel, failed, type Message, type Shown } from './channel.ts'
import { digestMail } from './digest-mail.ts'
import { paymentMail } from './payment-mail.ts'
import { smtpFailure } from './smtp-failure.ts'
import { testMail } from './test-mail.ts'

type Options = {
  clock: Clock
  server: MailServer | null
  from: string
  /** How many there are to the server at most: mail servers mind. */
  connections: number
  dkim: Dkim | null
  /** No message has a longer time limit. */
  longestMs: number
}

/**
 * Sends e-mail over pooled SMTP connections; nodemailer is loaded with the first one. A mail is
 * handed over only when a connection is free for it, and its time begins then. When that is over
 * the connection is closed, wherever the server was, so that it is not lost for the next mail.
 */
export function emailChannel({ clock, server, ...options }: Options): Channel {
  let transporter: Promise<Transporter> | undefined
  const free = createSemaphore(options.connections)

  async function send(message: Message): Promise<Sent> {
    if (server === null) return failed('no mail server is configured: set SMTP_URL', 'before')
    const { timeoutMs } = message
    const mail = mailOf(message, options.from)
    message.shows?.(shownOf(mail))
    transporter ??= connect(server, options)
    const mailer = await transporter
    const waitMs = message.leaseEnd - timeoutMs - clock.now()
    if (waitMs < 0 || !(await free.acquire(Math.min(waitMs, longestWaitMs))))
      return failed('the mail server was too slow with the mails before this one', 'before')
    try {
      return await sendWithin(timeoutMs, mailer, mail)
    } finally {
      free.release()
    }
  }

  return { send, close: async () => (await transporter)?.close() }
}

async function sendWithin(
  timeoutMs: number,
  mailer: Transporter,
  mail: SendMailOptions,
): Promise<Sent> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), timeoutMs)
  try {
    const { response } = await mailer.sendMail({ ...mail, signal: late.signal })
    const answer = answerText(Buffer.from(`${response}`))
    return { delivered: true, stage: 'after', status: 250, error: null, answer }
  } catch (error) {
    if (late.signal.aborted)
      return failed(`the mail server did not answer within ${timeoutMs / 1000} s`, 'during')
    return smtpFailure(error)
  } finally {
    clearTimeout(timer)
  }
}

/** Timers hold no more. */
const longestWaitMs = 2 ** 31 - 1

/** The address is one, and stays one whatever is in it. */
function mailOf(message: Message, from: string) {
  const to = { name: '', address: message.route.contactPath }
  return { from, to, ...saidOf(message) }
}

function saidOf(message: Message) {
  if (message.event.type === 'giro.test') return testMail(message)
  return message.digest ? digestMail(message, message.digest) : paymentMail(message)
}

function shownOf({ from, to, subject, messageId, text }: ReturnType<typeof mailOf>): Shown {
  return { headers: { from, to: to.address, subject, 'message-id': messageId }, body: text }
}

/** The server's replies are short; one that never ends is no reply. */
const longestReply = 65_536

async function connect(
  { auth, ...server }: MailServer,
  { longestMs, connections, dkim }: Pick<Options, 'longestMs' | 'connections' | 'dkim'>,
): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  return createTransport({
    ...server,
    ...(auth && { auth }),
    ...(dkim && { dkim }),
    pool: true,
    maxConnections: connections,
    // A mail goes to another connection once, if the server closed this one while it was idle.
    maxRequeues: 1,
    // Later than a mail's own time is over, or either of the two would say so first.
    connectionTimeout: 2 * longestMs,
    greetingTimeout: 2 * longestMs,
    socketTimeout: 2 * longestMs,
    maxResponseSize: longestReply,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}
