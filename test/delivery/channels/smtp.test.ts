import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Message } from '../../../src/delivery/channels/channel.ts'
import { emailChannel } from '../../../src/delivery/index.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { mailServer } from '../../../src/platform/config/mail-server.ts'
import { atEnd } from '../../support/at-end.ts'
import { openMailServer } from '../../support/mail.ts'
import { message } from '../../support/message.ts'
import { type Stage, scriptedMailServer, stages } from '../../support/scripted-mail.ts'
import { trustTestAuthority } from '../../support/tls.ts'
import { until } from '../../support/until.ts'

const address = 'books@partner.example'

function channel(url: string, { timeoutMs = 10_000, connections = 2 } = {}) {
  const one = emailChannel({
    clock: systemClock,
    server: mailServer(url),
    from: 'Giro <giro@bank.example>',
    connections,
    dkim: null,
    longestMs: timeoutMs,
  })
  atEnd(() => one.close())
  return { ...one, send: (to: Message) => one.send({ ...to, timeoutMs }) }
}

/** With credentials before the host, and parameters behind it. */
const given = (url: string, credentials: string, tail = '') =>
  `${url.replace('://', `://${credentials}@`)}${tail}`

describe('TLS with the mail server', () => {
  beforeAll(trustTestAuthority)

  it('is begun by STARTTLS where the server has it, also when the URL does not ask for it', async () => {
    const server = await openMailServer({ tls: { kind: 'starttls', certificate: 'mail' } })
    const sent = await channel(server.url).send(message(address))
    expect(sent).toMatchObject({ delivered: true, error: null })
    expect(server.mails[0]?.raw).toMatch(/^Received: |^From: /m)
  })

  it('is from the first byte on where the URL is smtps://', async () => {
    const server = await openMailServer({ tls: { kind: 'implicit', certificate: 'mail' } })
    expect(await channel(server.url).send(message(address))).toMatchObject({ delivered: true })
  })

  it('is missed before anything was said where it is required and the server has none', async () => {
    const auth = { user: 'giro', pass: 'secret', methods: ['PLAIN'] }
    const server = await openMailServer({ auth })
    const url = given(server.url, 'giro:secret', '?starttls=required')
    const sent = await channel(url).send(message(address))
    expect(sent).toMatchObject({ delivered: false, error: expect.stringMatching(/TLS/) })
    expect(sent.final).toBeUndefined()
    expect([server.logins, server.mails]).toEqual([[], []])
  })

  it.each([
    ['partner', /its certificate is for another name/],
    ['self-signed', /not from an authority that is trusted here/],
    ['expired', /its certificate has expired/],
  ] as const)(
    'is refused with plain words under the certificate "%s"',
    async (certificate, words) => {
      for (const kind of ['implicit', 'starttls'] as const) {
        const server = await openMailServer({ tls: { kind, certificate } })
        const sent = await channel(server.url).send(message(address))
        expect(sent).toMatchObject({ delivered: false, error: expect.stringMatching(words) })
        expect(server.mails).toEqual([])
      }
    },
  )
})

describe('a login at the mail server', () => {
  it.each(['PLAIN', 'LOGIN'])('is made by %s with what SMTP_URL says', async (method) => {
    const auth = { user: 'giro@bank.example', pass: 'p:a/s@s', methods: [method] }
    const server = await openMailServer({ auth })
    const url = given(server.url, 'giro%40bank.example:p%3Aa%2Fs%40s')
    expect(await channel(url).send(message(address))).toMatchObject({ delivered: true })
    expect(server.logins).toEqual([`${method} giro@bank.example`])
  })

  it('with a wrong password is a failure that is tried again and does not tell the password', async () => {
    const server = await openMailServer({
      auth: { user: 'giro', pass: 'right', methods: ['PLAIN', 'LOGIN'] },
    })
    const sent = await channel(given(server.url, 'giro:wrong-one')).send(message(address))
    expect(sent).toMatchObject({ delivered: false, status: 535 })
    expect(sent.error).toMatch(/refused the login: 535 .*who are you/)
    expect(sent.final).toBeUndefined()
    expect(JSON.stringify(sent)).not.toContain('wrong-one')
  })
})

const refused: Record<Stage, RegExp> = {
  greeting: /refused the connection/,
  EHLO: /refused the greeting/,
  STARTTLS: /refused STARTTLS/,
  AUTH: /refused the login/,
  'MAIL FROM': /refused the sender/,
  'RCPT TO': /refused the recipient/,
  DATA: /refused the mail/,
  sent: /refused the mail/,
}

/** What the URL has to say for a conversation to come to that stage. */
const urlFor = (stage: Stage, url: string) =>
  stage === 'STARTTLS' ? `${url}?starttls=required` : given(url, 'giro:secret')

const withStartTls = (stage: Stage) =>
  stage === 'STARTTLS' ? { EHLO: '250-mail.example\r\n250 STARTTLS' } : {}

describe('a mail server that refuses', () => {
  const final: readonly Stage[] = ['RCPT TO', 'DATA', 'sent']

  it.each(stages)(
    'with 5xx at the stage "%s" is told, and is final for the recipient only',
    async (stage) => {
      const server = await scriptedMailServer({ ...withStartTls(stage), [stage]: '554 never' })
      const sent = await channel(urlFor(stage, server.url)).send(message(address))
      expect(sent).toMatchObject({ delivered: false, status: 554, answer: '554 never' })
      expect(sent.error).toMatch(refused[stage])
      expect(sent.final === true).toBe(final.includes(stage))
    },
  )

  it.each(stages)('with 4xx at the stage "%s" is told, and is tried again', async (stage) => {
    const server = await scriptedMailServer({ ...withStartTls(stage), [stage]: '451 later' })
    const sent = await channel(urlFor(stage, server.url)).send(message(address))
    expect(sent).toMatchObject({ delivered: false, status: 451, answer: '451 later' })
    expect(sent.error).toMatch(refused[stage])
    expect(sent.final).toBeUndefined()
  })

  it.each([
    ['RCPT TO', '550 5.1.1 no such user', true],
    ['RCPT TO', '550-5.1.1 no such\r\n550 5.1.1 user', true],
    ['RCPT TO', '552 5.2.2 mailbox full', true],
    ['RCPT TO', '554 5.7.1 relay access denied', false],
    ['RCPT TO', '530 5.7.0 authentication required', false],
    ['RCPT TO', '503 bad sequence', false],
    ['RCPT TO', '421 4.3.2 shutting down', false],
    ['sent', '552 5.3.4 too big', true],
    ['sent', '550 5.7.26 not signed', false],
  ] as const)('at the stage "%s" with "%s": final is %s', async (stage, reply, final) => {
    const server = await scriptedMailServer({ [stage]: reply })
    const sent = await channel(server.url).send(message(address))
    expect(sent).toMatchObject({ delivered: false, status: Number(reply.slice(0, 3)) })
    expect(sent.final === true).toBe(final)
  })

  it('once takes the next mail over the same connection', async () => {
    const server = await scriptedMailServer({ 'RCPT TO': '550 no such user' })
    const mail = channel(server.url, { connections: 1 })
    expect(await mail.send(message(address))).toMatchObject({ delivered: false })
    delete server.said['RCPT TO']
    expect(await mail.send(message(address))).toMatchObject({ delivered: true })
    expect(server.connections()).toBe(1)
  })
})

describe('a mail server that hangs', () => {
  it.each(stages)(
    'at the stage "%s" is a failure in time, and the next mail gets through',
    async (stage) => {
      const server = await scriptedMailServer({ ...withStartTls(stage), [stage]: null })
      const mail = channel(urlFor(stage, server.url), { timeoutMs: 400, connections: 1 })
      const sent = await mail.send(message(address))
      expect(sent).toMatchObject({ delivered: false, status: null })
      expect(sent.error).toBe('the mail server did not answer within 0.4 s')
      await until('the connection is closed', () => server.open() === 0)
      if (stage === 'STARTTLS') return
      delete server.said[stage]
      expect(await mail.send(message(address))).toMatchObject({ delivered: true })
    },
  )

  it('with a word now and then is a failure in time all the same', async () => {
    const server = await scriptedMailServer({ 'RCPT TO': null })
    const mail = channel(server.url, { timeoutMs: 400, connections: 1 })
    const dripping = await scriptedMailServer({
      'MAIL FROM': `250-${'x'.repeat(20)}\r\n`.repeat(3).trimEnd(),
    })
    for (const one of [mail, channel(dripping.url, { timeoutMs: 400 })])
      expect(await one.send(message(address))).toMatchObject({
        delivered: false,
        error: expect.stringContaining('within 0.4 s'),
      })
  })

  it('keeps no connection, mail or waiting one of the many that were tried', async () => {
    const server = await scriptedMailServer({ sent: null })
    const mail = channel(server.url, { timeoutMs: 100, connections: 5 })
    const all = await Promise.all(Array.from({ length: 50 }, () => mail.send(message(address))))
    expect(all.every(({ delivered }) => !delivered)).toBe(true)
    expect(server.connections()).toBeGreaterThanOrEqual(50)
    await until('all connections are closed', () => server.open() === 0)
  })

  it('lets nobody wait beyond the lease of a delivery', async () => {
    const server = await scriptedMailServer({ greeting: null })
    const mail = channel(server.url, { timeoutMs: 200, connections: 1 })
    const leaseEnd = systemClock.now() + 300
    const all = await Promise.all([1, 2, 3].map(() => mail.send({ ...message(address), leaseEnd })))
    expect(all.map(({ error }) => error)).toEqual([
      'the mail server did not answer within 0.2 s',
      'the mail server was too slow with the mails before this one',
      'the mail server was too slow with the mails before this one',
    ])
  })
})
