import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { atEnd } from './at-end.ts'
import { until } from './until.ts'

/** An e-mail as the server took it: who it was for by the envelope, and what it says. */
export type Mail = { recipients: string[]; raw: string; email: Email }

export type MailServer = {
  url: string
  mails: Mail[]
  /** The next e-mails are answered so, one after the other; then all are taken again. */
  refuseNext(...replies: { code: number; message: string }[]): void
  receives(count: number): Promise<Mail[]>
}

/** A real SMTP server in the test's process. */
export async function openMailServer(): Promise<MailServer> {
  const mails: Mail[] = []
  const refusals: { code: number; message: string }[] = []
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      buffer(stream).then(async (bytes) => {
        const refusal = refusals.shift()
        if (refusal)
          return done(Object.assign(new Error(refusal.message), { responseCode: refusal.code }))
        const recipients = session.envelope.rcptTo.map(({ address }) => address)
        const email = await PostalMime.parse(bytes)
        mails.push({ recipients, raw: bytes.toString('latin1'), email })
        done()
      }, done)
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  atEnd(() => new Promise<void>((resolve) => server.close(resolve)))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refuseNext: (...replies) => {
      refusals.push(...replies)
    },
    receives: (count) => until(`${count} e-mails`, () => mails.length >= count && mails),
  }
}
