import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { atEnd } from './at-end.ts'
import { type Certificate, keyAndCertificate } from './tls.ts'
import { until } from './until.ts'

/** An e-mail as the server took it: who it was for by the envelope, and what it says. */
export type Mail = { recipients: string[]; raw: string; email: Email }

export type MailServer = {
  /** Without credentials: `smtp://127.0.0.1:PORT`, or `smtps://…`. */
  url: string
  mails: Mail[]
  /** Those that came and were not taken. */
  refused: Mail[]
  /** How many connections there were, and how those of them that logged in did. */
  connections: number
  logins: string[]
  /** The next e-mails are answered so, one after the other; then all are taken again. */
  refuseNext(...replies: Reply[]): void
  receives(count: number): Promise<Mail[]>
}

export type Reply = { code: number; message: string }

type Given = {
  /** Which TLS there is, under which certificate; without it none is offered. */
  tls?: { kind: 'implicit' | 'starttls'; certificate: Certificate }
  /** Who may log in, and by which methods; without it nobody needs to. */
  auth?: { user: string; pass: string; methods: string[] }
  /** What is said to everybody at that stage, instead of yes. */
  refusing?: { mailFrom?: Reply; rcptTo?: Reply; connect?: Reply }
}

/** A real SMTP server in the test's process. */
export async function openMailServer({ tls, auth, refusing = {} }: Given = {}) {
  const refusals: Reply[] = []
  const answer = (reply: Reply | undefined, done: (error?: Error | null) => void) =>
    done(reply && Object.assign(new Error(reply.message), { responseCode: reply.code }))
  const server = new SMTPServer({
    ...(tls && { ...keyAndCertificate(tls.certificate), secure: tls.kind === 'implicit' }),
    ...(auth && { authMethods: auth.methods, allowInsecureAuth: true }),
    authOptional: !auth,
    disabledCommands: [
      ...(auth ? [] : ['AUTH']),
      ...(tls?.kind === 'starttls' ? [] : ['STARTTLS']),
    ],
    onConnect(_, done) {
      opened.connections += 1
      answer(refusing.connect, done)
    },
    onAuth({ method, username, password }, _, done) {
      opened.logins.push(`${method} ${username}`)
      if (username === auth?.user && password === auth?.pass) done(null, { user: username })
      else done(Object.assign(new Error('who are you?'), { responseCode: 535 }))
    },
    onMailFrom: (_, __, done) => answer(refusing.mailFrom, done),
    onRcptTo: (_, __, done) => answer(refusing.rcptTo, done),
    onData(stream, session, done) {
      buffer(stream).then(async (bytes) => {
        const refusal = refusals.shift()
        const recipients = session.envelope.rcptTo.map(({ address }) => address)
        const email = await PostalMime.parse(bytes)
        const mail = { recipients, raw: bytes.toString('latin1'), email }
        opened[refusal ? 'refused' : 'mails'].push(mail)
        answer(refusal, done)
      }, done)
    },
  })
  // A client that does not trust the certificate ends the connection, which is no news here.
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  atEnd(() => new Promise<void>((resolve) => server.close(resolve)))
  const { port } = server.server.address() as AddressInfo
  const opened: MailServer = {
    url: `${tls?.kind === 'implicit' ? 'smtps' : 'smtp'}://127.0.0.1:${port}`,
    mails: [],
    refused: [],
    connections: 0,
    logins: [],
    refuseNext: (...replies) => {
      refusals.push(...replies)
    },
    receives: (count) =>
      until(`${count} e-mails`, () => opened.mails.length >= count && opened.mails),
  }
  return opened
}
