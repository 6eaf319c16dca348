import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Message } from '../../../src/delivery/channels/channel.ts'
import { apiChannel } from '../../../src/delivery/index.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { atEnd } from '../../support/at-end.ts'
import { found, guardFor } from '../../support/guard.ts'
import { listening, listeningTcp } from '../../support/listening.ts'
import { message } from '../../support/message.ts'
import { pem, trustTestAuthority } from '../../support/tls.ts'
import { turns } from '../../support/turns.ts'
import { until } from '../../support/until.ts'

beforeAll(trustTestAuthority)

const mebibyte = 1024 * 1024
const chunk = Buffer.alloc(mebibyte, 'x')
const ok = 'HTTP/1.1 200 OK\r\n'

function channel(timeoutMs = 20_000) {
  const guard = guardFor({ resolve: async () => found('127.0.0.1') })
  const one = apiChannel({ clock: systemClock, guard, proxy: null, longestMs: timeoutMs })
  atEnd(() => one.close())
  return { ...one, send: (to: Message) => one.send({ ...to, timeoutMs }) }
}

/** Writes for as long as somebody reads, at most 10 GB. Resolves with the bytes that were taken. */
function pour(socket: Socket, bytes: Buffer): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const more = () => {
    while (!socket.destroyed && socket.bytesWritten < 10_000 * mebibyte)
      if (!socket.write(bytes)) return
  }
  socket.on('drain', more).on('close', () => resolve(socket.bytesWritten))
  more()
  return promise
}

/** A partner that says these and then more and more; what it got rid of is known when it is cut. */
async function pouring(head: string, bytes: Buffer = chunk) {
  const poured = Promise.withResolvers<number>()
  const url = await listeningTcp(async (socket) => {
    await once(socket, 'data')
    socket.write(head)
    poured.resolve(await pour(socket, bytes))
  })
  return { url, poured: poured.promise }
}

/** Says one byte after the other, for as long as somebody listens. */
function drip(socket: Socket, byte = 'x'): void {
  const dripping = setInterval(() => socket.write(byte), 5)
  socket.on('close', () => clearInterval(dripping))
}

describe('a partner whose answer has no end', () => {
  it.each([
    ['of 10 GB', `${ok}content-length: 10000000000\r\n\r\n`, chunk],
    ['until it closes', `${ok}connection: close\r\n\r\n`, chunk],
    ['in chunks', `${ok}transfer-encoding: chunked\r\n\r\n`, chunked(chunk)],
    ['in the smallest chunks', `${ok}transfer-encoding: chunked\r\n\r\n`, tinyChunks()],
    ['that would be more unpacked', `${ok}content-encoding: gzip\r\n\r\n`, bomb()],
  ])('%s, is told, and what it says is cut', async (_, head, bytes) => {
    const { url, poured } = await pouring(head, bytes)
    const sent = await channel().send(message(url))
    expect(sent).toMatchObject({ delivered: true, stage: 'after', status: 200, error: null })
    expect(Buffer.byteLength(`${sent.answer}`)).toBeLessThanOrEqual(3 * 4096)
    // The buffers of two sockets take a few mebibytes; nobody reads on.
    expect(await poured).toBeLessThan(64 * mebibyte)
  })

  it('and is no success has its status', async () => {
    const { url } = await pouring('HTTP/1.1 500 No\r\n\r\n')
    const sent = await channel().send(message(url))
    expect(sent).toMatchObject({ delivered: false, stage: 'after', status: 500 })
    expect(sent.answer).toBe('x'.repeat(4096))
  })

  it('drips it for longer than the time there is, and keeps what came', async () => {
    const url = await listeningTcp(async (socket) => {
      await once(socket, 'data')
      socket.write(`${ok}content-length: 10000000000\r\n\r\nbegun`)
      drip(socket)
    })
    const sent = await channel(1000).send(message(url))
    expect(sent).toMatchObject({ delivered: true, status: 200 })
    expect(sent.answer).toMatch(/^begunx*$/)
  })

  it('in its head, has no answer', async () => {
    const { url, poured } = await pouring(ok, Buffer.from('x-more: and more\r\n'.repeat(1000)))
    const sent = await channel().send(message(url))
    const error = 'the answer is not HTTP: its head is too long'
    expect(sent).toMatchObject({ delivered: false, stage: 'during', status: null, error })
    expect(await poured).toBeLessThan(64 * mebibyte)
  })

  it('begins with a 100 Continue that nobody asked for, has one that does not fit', async () => {
    const url = await listeningTcp(async (socket) => {
      await once(socket, 'data')
      socket.end(`HTTP/1.1 100 Continue\r\n\r\n${ok}\r\n`)
    })
    const error = 'the answer does not fit the request, as an unasked 100 Continue does not'
    expect(await channel().send(message(url))).toMatchObject({ stage: 'during', error })
  })

  it('before its head, has none in time', async () => {
    const head = 'HTTP/1.1 102 Processing\r\n\r\n'
    const url = await listeningTcp(async (socket) => {
      await once(socket, 'data')
      drip(socket, head)
    })
    const sent = await channel(1000).send(message(url))
    expect(sent).toMatchObject({ stage: 'during', error: 'no answer within 1 s' })
  })
})

describe('a hundred partners that answer without end', () => {
  it('are told at once, and take no more memory than their sockets', async () => {
    const { url } = await pouring(`${ok}content-length: 10000000000\r\n\r\n`)
    const api = channel()
    await api.send(message(url))
    const before = process.memoryUsage().rss
    const sent = await Promise.all(Array.from({ length: 100 }, () => api.send(message(url))))
    expect(sent.filter(({ delivered }) => delivered)).toHaveLength(100)
    expect(process.memoryUsage().rss - before).toBeLessThan(512 * mebibyte)
  })
})

describe('a partner that breaks its answer', () => {
  it.each([
    ['chunk sizes that are none', `${ok}transfer-encoding: chunked\r\n\r\nzz\r\nx`],
    ['a length twice', `${ok}content-length: 4\r\ncontent-length: 5\r\n\r\nhalf`],
    ['a length that is negative', `${ok}content-length: -1\r\n\r\n`],
    ['a header with a NUL', `${ok}x: \0\r\n\r\n`],
    ['bytes at random', '\x16\x03\x01\x02\xff\xfe\0\0\r\n\r\n'],
    ['two answers', `${ok}content-length: 0\r\n\r\n`.repeat(2)],
  ])('with %s, has been told or not, in plain words', async (_, bytes) => {
    const url = await listeningTcp(async (socket) => {
      await once(socket, 'data')
      socket.end(bytes, 'latin1')
    })
    const { delivered, stage, error } = await channel().send(message(url))
    expect(stage).toBe(delivered ? 'after' : 'during')
    if (!delivered) expect(error).toMatch(/^the answer is not HTTP/)
  })
})

describe('a connection', () => {
  it('is used again after an answer that is read to its end', async () => {
    const server = createServer((_, response) => response.end('x'.repeat(60_000)))
    let connections = 0
    server.on('connection', () => {
      connections += 1
    })
    const url = await listening(server)
    const api = channel()
    for (let i = 0; i < 5; i += 1) {
      const sent = await api.send(message(url))
      expect(sent).toMatchObject({ delivered: true, answer: 'x'.repeat(4096) })
      await turns(2)
    }
    expect(connections).toBe(1)
  })

  it('that was given up is closed, and nothing is sent on it', async () => {
    let asked = ''
    let closed = 0
    const url = await listeningTcp((socket) => {
      socket.on('data', (bytes) => {
        asked += bytes
      })
      socket.on('close', () => {
        closed += 1
      })
    })
    const { port } = new URL(url)
    const { error, stage } = await channel(1000).send(message(`https://a.example:${port}/`))
    expect({ error, stage }).toEqual({ error: 'no TLS within 1 s', stage: 'before' })
    await until('the connection is closed', () => closed === 1)
    expect(asked).not.toContain('payment')
  })
})

describe('a partner over TLS that falls silent', () => {
  it('after the handshake may have been told', async () => {
    const server = createTlsServer({ cert: pem('partner'), key: pem('key') }, (socket) => {
      socket.on('error', () => {}).resume()
    })
    const { port } = new URL(await listening(server))
    const sent = await channel(1000).send(message(`https://partner.example:${port}/`))
    expect(sent).toMatchObject({ stage: 'during', error: 'no answer within 1 s' })
  })
})

function chunked(bytes: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ])
}

function tinyChunks(): Buffer {
  return Buffer.from('1\r\nx\r\n'.repeat(50_000))
}

/** A thousand times as large where it is unpacked. */
function bomb(): Buffer {
  return gzipSync(Buffer.alloc(64 * mebibyte))
}
