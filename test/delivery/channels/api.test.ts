import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import type { Message } from '../../../src/delivery/channels/channel.ts'
import { apiChannel } from '../../../src/delivery/index.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { atEnd } from '../../support/at-end.ts'
import { guardFor } from '../../support/guard.ts'
import { listeningHttp, listeningTcp } from '../../support/listening.ts'
import { message, payment, secret } from '../../support/message.ts'
import { breaksOff, openPartner, says } from '../../support/partner.ts'
import { freePort } from '../../support/port.ts'

function channel(timeoutMs = 5000) {
  const one = apiChannel({ clock: systemClock, guard: guardFor(), proxy: null, longestMs: 5000 })
  atEnd(() => one.close())
  return { ...one, send: (to: Message) => one.send({ ...to, timeoutMs }) }
}

/** A partner that reads a request and then says these very bytes. */
function saying(bytes: string | ((socket: Socket) => void)): Promise<string> {
  return listeningTcp(async (socket) => {
    await once(socket, 'data')
    if (typeof bytes === 'string') socket.end(bytes, 'latin1')
    else bytes(socket)
  })
}

describe('the API channel', () => {
  it('POSTs the event as JSON with a signature that the partner can verify', async () => {
    const partner = await openPartner(says(200, '{"ok":true}'))
    const sent = await channel().send(message(partner.url))
    expect(sent).toEqual({
      delivered: true,
      stage: 'after',
      status: 200,
      error: null,
      answer: '{"ok":true}',
    })
    const [heard] = partner.heard
    const body = `${heard?.body}`
    expect(heard?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': 'evt_1',
    })
    const verified = new Webhook(secret).verify(body, heard?.headers as Record<string, string>)
    expect(verified).toEqual({
      type: 'payment.received',
      timestamp: '2026-11-21T10:40:00.000Z',
      data: { payment },
    })
    expect(JSON.stringify(verified)).toBe(body)
  })

  it('sends the same bytes at every try', async () => {
    const partner = await openPartner(says(500))
    const api = channel()
    for (let i = 0; i < 3; i += 1) await api.send(message(partner.url))
    const hashes = partner.heard.map(({ body }) => createHash('sha256').update(body).digest('hex'))
    expect(new Set(hashes).size).toBe(1)
    expect(partner.heard).toHaveLength(3)
  })

  it.each([200, 201, 202, 204, 226, 299])(
    'takes %d for success, whatever the body',
    async (status) => {
      const partner = await openPartner(says(status, status === 204 ? '' : '<html>'))
      expect(await channel().send(message(partner.url))).toMatchObject({
        delivered: true,
        status,
        error: null,
      })
    },
  )

  it.each([300, 301, 302, 303, 304, 307, 308])('does not follow a %d', async (status) => {
    const target = await openPartner()
    const partner = await openPartner(says(status, '', { location: target.url }))
    const sent = await channel().send(message(partner.url))
    expect(sent).toMatchObject({ delivered: false, status })
    expect(sent.error).toContain('redirect')
    expect(target.heard).toEqual([])
  })

  it.each([400, 401, 404, 410, 413, 429, 500, 502, 503, 599])(
    'takes %d for a failure',
    async (status) => {
      const partner = await openPartner(says(status, 'go away'))
      expect(await channel().send(message(partner.url))).toEqual({
        delivered: false,
        stage: 'after',
        status,
        error: expect.stringContaining(`${status}`),
        answer: 'go away',
      })
    },
  )

  it('keeps the first 4 KiB of an answer, as text that every database takes', async () => {
    const partner = await openPartner(says(200, `a\0b${'x'.repeat(10_000)}`))
    const { answer } = await channel().send(message(partner.url))
    expect(answer).toBe(`a\uFFFDb${'x'.repeat(4093)}`)
  })

  it('does not read an endless answer to its end', async () => {
    const url = await listeningHttp((request, response) => {
      request.resume()
      const pour = () => {
        while (response.write('x'.repeat(1000)));
      }
      response.on('drain', pour)
      pour()
    })
    const sent = await channel().send(message(url))
    expect(sent).toMatchObject({ delivered: true, status: 200, answer: 'x'.repeat(4096) })
  })

  it('keeps a success whose answer stalls, once the time is over', async () => {
    const url = await saying((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
    })
    const sent = await channel(400).send(message(url))
    expect(sent).toMatchObject({ delivered: true, status: 200, answer: 'half' })
  })

  it('keeps a success whose answer breaks off', async () => {
    const url = await saying('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
    expect(await channel().send(message(url))).toMatchObject({ delivered: true, answer: 'half' })
  })
})

describe('a partner that cannot be told', () => {
  const notSent = { delivered: false, stage: 'before', status: null, answer: null }
  const unsure = { ...notSent, stage: 'during' }

  it('refuses the connection', async () => {
    const sent = await channel().send(message(`http://127.0.0.1:${await freePort()}/`))
    expect(sent).toEqual({ ...notSent, error: 'the connection was refused' })
  })

  it('closes the connection without an answer', async () => {
    const partner = await openPartner(breaksOff)
    const sent = await channel().send(message(partner.url))
    expect(sent).toEqual({ ...unsure, error: expect.stringMatching(/closed|reset/) })
  })

  it('resets the connection', async () => {
    const url = await saying((socket) => socket.resetAndDestroy())
    const sent = await channel().send(message(url))
    expect(sent).toEqual({ ...unsure, error: 'the connection was reset' })
  })

  it('never answers', async () => {
    const url = await saying(() => {})
    const sent = await channel(50).send(message(url))
    expect(sent).toEqual({ ...unsure, error: 'no answer within 0.05 s' })
  })

  it('drips its head for longer than the time there is', async () => {
    const url = await saying((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ')
      const drip = setInterval(() => socket.write('x'), 5)
      socket.on('close', () => clearInterval(drip))
    })
    const sent = await channel(50).send(message(url))
    expect(sent).toEqual({ ...unsure, error: 'no answer within 0.05 s' })
  })

  it.each([
    [
      'has a head without end',
      `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(200_000)}\r\n\r\n`,
      /head is too/,
    ],
    ['has countless headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}\r\n`, /head is too/],
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', /not HTTP/],
    ['has a status that is no number', 'HTTP/1.1 OK\r\n\r\n', /not HTTP/],
    ['says nothing before it closes', '', /closed/],
    ['breaks off in its head', 'HTTP/1.1 200 OK\r\ncontent-', /closed/],
    [
      'changes the protocol',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      /another protocol/,
    ],
  ])('%s', async (_, bytes, error) => {
    const sent = await channel().send(message(await saying(bytes)))
    expect(sent).toEqual({ ...unsure, error: expect.stringMatching(error) })
  })

  it.each(['not a url', 'ftp://127.0.0.1/', 'http://', 'http://host.invalid/'])(
    'lives at %j',
    async (url) => {
      const sent = await channel().send(message(url))
      expect(sent).toEqual({ ...notSent, error: expect.stringMatching(/.{5}/) })
    },
  )
})

describe('the end of the API channel', () => {
  it('cuts what is under way, which is then a failure like another', async () => {
    const begun = Promise.withResolvers<void>()
    const url = await saying(() => begun.resolve())
    const api = channel(60_000)
    const sending = api.send(message(url))
    await begun.promise
    await api.close()
    expect(await sending).toMatchObject({ delivered: false, status: null })
  })
})
