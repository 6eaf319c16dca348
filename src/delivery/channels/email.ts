import type { MailServer } from '../../platform/config/index.ts'
import type { Sent } from '../delivery.ts'
import { type Channel, failed, type Message, type Shown } from './channel.ts'
import { digestMail } from './digest-mail.ts'
import { createMailer, type MailOptions } from './mailer.ts'
import { paymentMail } from './payment-mail.ts'
import { testMail } from './test-mail.ts'

type Options = Omit<MailOptions, 'server'> & { server: MailServer | null; from: string }

/** Sends e-mails to partners. */
export function emailChannel({ server, from, ...options }: Options): Channel {
  const mailer = server && createMailer({ ...options, server })

  async function send(message: Message): Promise<Sent> {
    if (mailer === null) return failed('no mail server is configured: set SMTP_URL', 'before')
    const mail = mailOf(message, from)
    message.shows?.(shownOf(mail))
    return mailer.send(mail, message)
  }

  return { send, close: async () => mailer?.close() }
}

/** The address is one, and stays one whatever is in it. */
function mailOf(message: Message, from: string) {
  const to = { name: '', address: message.route.contactPath }
  return { from, to, ...saidOf(message, from) }
}

function saidOf(message: Message, from: string) {
  if (message.event.type === 'giro.test') return testMail(message, from)
  if (message.digest) return digestMail(message.digest, from)
  return paymentMail(message, from)
}

function shownOf({ from, to, subject, messageId, text }: ReturnType<typeof mailOf>): Shown {
  return { headers: { from, to: to.address, subject, 'message-id': messageId }, body: text }
}
