import type { SendMailOptions, Transporter } from 'nodemailer'
import type { Clock } from '../../platform/clock.ts'
import type { Dkim, MailServer } from '../../platform/config/index.ts'
import { createSemaphore } from '../../platform/semaphore.ts'
import type { Sent } from '../delivery.ts'
import { answerText, failed, type Message } from './channel.ts'
import { smtpFailure } from './smtp-failure.ts'

export type MailOptions = {
  clock: Clock
  server: MailServer
  /** How many there are to the server at most: mail servers mind. */
  connections: number
  dkim: Dkim | null
  /** No mail has a longer time limit. */
  longestMs: number
}

export type Mailer = {
  /** Never rejects: what went wrong is said in the result. */
  send(mail: SendMailOptions, limits: Pick<Message, 'timeoutMs' | 'leaseEnd'>): Promise<Sent>
  close(): Promise<void>
}

/**
 * Sends mails over pooled SMTP connections; nodemailer is loaded with the first one. A mail is
 * handed over only when a connection is free for it, and its time begins then. When that is over
 * the connection is closed, wherever the server was, so that it is not lost for the next mail.
 */
export function createMailer({ clock, ...options }: MailOptions): Mailer {
  let transporter: Promise<Transporter> | undefined
  const free = createSemaphore(options.connections)
  return {
    async send(mail, { timeoutMs, leaseEnd }) {
      transporter ??= connect(options)
      const opened = await transporter
      const waitMs = leaseEnd - timeoutMs - clock.now()
      if (waitMs < 0 || !(await free.acquire(Math.min(waitMs, longestWaitMs))))
        return failed('the mail server was too slow with the mails before this one', 'before')
      try {
        return await sendWithin(timeoutMs, opened, mail)
      } finally {
        free.release()
      }
    },
    close: async () => (await transporter)?.close(),
  }
}

async function sendWithin(
  timeoutMs: number,
  transporter: Transporter,
  mail: SendMailOptions,
): Promise<Sent> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), timeoutMs)
  try {
    const { response } = await transporter.sendMail({ ...mail, signal: late.signal })
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

/** The server's replies are short; one that never ends is no reply. */
const longestReply = 65_536

async function connect({
  server: { auth, ...server },
  longestMs,
  connections,
  dkim,
}: Omit<MailOptions, 'clock'>): Promise<Transporter> {
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
