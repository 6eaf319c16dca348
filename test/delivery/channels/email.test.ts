import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import type { Message } from '../../../src/delivery/channels/channel.ts'
import { emailChannel } from '../../../src/delivery/index.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { mailServer } from '../../../src/platform/config/mail-server.ts'
import { atEnd } from '../../support/at-end.ts'
import { listeningTcp } from '../../support/listening.ts'
import { openMailServer } from '../../support/mail.ts'
import { message } from '../../support/message.ts'
import { freePort } from '../../support/port.ts'

const address = 'books@partner.example'

function channel(url: string | null, timeoutMs = 5000) {
  const from = 'Giro <giro@bank.example>'
  const server = url === null ? null : mailServer(url)
  const options = { server, from, connections: 5, dkim: null, longestMs: 5000 }
  const one = emailChannel({ clock: systemClock, ...options })
  atEnd(() => one.close())
  return { ...one, send: (to: Message) => one.send({ ...to, timeoutMs }) }
}

describe('the e-mail channel', () => {
  it('hands the mail to the server, to the partner alone, and keeps what that said', async () => {
    const server = await openMailServer()
    const sent = await channel(server.url).send(message(address))
    expect(sent).toMatchObject({ delivered: true, stage: 'after', status: 250, error: null })
    expect(sent.answer).toMatch(/^250/)
    const [mail] = server.mails
    expect(mail?.recipients).toEqual([address])
    expect(mail?.email).toMatchObject({
      from: { address: 'giro@bank.example', name: 'Giro' },
      subject: expect.stringContaining('55.00 USD'),
      text: expect.stringContaining('payer1'),
      html: expect.stringContaining('payer1'),
    })
  })

  it('says of a sample event that no money has moved', async () => {
    const server = await openMailServer()
    const said = message(address)
    const event = { ...said.event, type: 'giro.test' as const, data: '{}' }
    expect(await channel(server.url).send({ ...said, event })).toMatchObject({ delivered: true })
    expect(server.mails[0]?.email).toMatchObject({
      subject: 'Test of Giro: no payment',
      text: expect.stringContaining('No money has moved.'),
    })
  })

  it('has the same Message-ID at every try', async () => {
    const server = await openMailServer()
    const mail = channel(server.url)
    await mail.send(message(address))
    await mail.send(message(address))
    expect(server.mails[0]?.email.messageId).toBe(server.mails[1]?.email.messageId)
  })

  it('is a failure with the words of the server when that refuses', async () => {
    const server = await openMailServer()
    server.refuseNext({ code: 451, message: 'try again later' })
    const sent = await channel(server.url).send(message(address))
    expect(sent).toMatchObject({ delivered: false, stage: 'after', status: 451 })
    expect(sent.answer).toContain('try again later')
    expect(sent.error).toMatch(/.{5}/)
  })

  it('is a failure that says what to set when there is no mail server', async () => {
    const sent = await channel(null).send(message(address))
    expect(sent).toMatchObject({ delivered: false, stage: 'before', status: null })
    expect(sent.error).toContain('SMTP_URL')
  })

  it('is a failure when nobody listens', async () => {
    const sent = await channel(`smtp://127.0.0.1:${await freePort()}`).send(message(address))
    expect(sent).toMatchObject({
      delivered: false,
      stage: 'before',
      status: null,
      error: expect.any(String),
    })
  })

  it('is a failure in time when the server says nothing, and when it falls silent', async () => {
    const silent = await listeningTcp(() => {})
    const falling = await listeningTcp(async (socket) => {
      socket.write('220 here\r\n')
      await once(socket, 'data')
    })
    for (const url of [silent, falling]) {
      const sent = await channel(url.replace('http:', 'smtp:'), 50).send(message(address))
      expect(sent).toMatchObject({
        delivered: false,
        stage: 'during',
        status: null,
        error: expect.any(String),
      })
    }
  })

  it.each([
    'x\r\nBcc: all@example.com\r\n\r\nowned',
    'x\nBcc: all@example.com',
    'x\rBcc: all@example.com',
    'x\0\r\n.\r\nMAIL FROM:<a@b.example>',
    'x\u2028Bcc: all@example.com\u2029\u0085Bcc: all@example.com',
    '=?utf-8?Q?x=0D=0ABcc:_all@example.com?=',
    'x\u{1F4B8}Zo\u00EB \u5317\u4EAC, <all@example.com>',
  ])('lets nothing that a bank wrote reach the head of the mail: %j', async (reference_number) => {
    const server = await openMailServer()
    const mailing = channel(server.url)
    expect(await mailing.send(message(address, { reference_number }))).toMatchObject({
      delivered: true,
    })
    const [mail] = server.mails
    expect(mail?.recipients).toEqual([address])
    const names = (raw = '') => raw.split('\r\n\r\n')[0]?.match(/^[\w-]+(?=:)/gm)
    await mailing.send(message(address))
    expect(names(mail?.raw)).toEqual(names(server.mails[1]?.raw))
  })

  it('goes to the one address of the route, even if there were more in it', async () => {
    const server = await openMailServer()
    for (const to of ['a@b.example, c@d.example', '"x" <y@z.example>', 'a@b.example\r\nBcc: c@d'])
      await channel(server.url).send(message(to))
    expect(server.mails.flatMap(({ recipients }) => recipients)).not.toContain('c@d.example')
    for (const { recipients } of server.mails) expect(recipients).toHaveLength(1)
  })
})
