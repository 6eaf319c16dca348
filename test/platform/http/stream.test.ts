import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { createApp, endpoint, mount } from '../../../src/platform/http/index.ts'
import { http } from '../../support/http.ts'
import { connected, listeningHttp } from '../../support/listening.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { quietLog } from '../../support/quiet-log.ts'
import { until } from '../../support/until.ts'

/** More than all buffers between two processes hold. */
const piece = 'x'.repeat(100_000)
const endless = 10_000

/** Streams so many pieces, and knows how many were asked for and whether the client has gone. */
async function streaming(count: number, seen = { made: 0, ended: false, gone: false }) {
  const ending = new AbortController()
  async function* pieces() {
    try {
      for (; seen.made < count; seen.made += 1) yield piece
    } finally {
      seen.ended = true
    }
  }
  const one = endpoint({
    method: 'get',
    path: '/stream',
    summary: 'Stream',
    scope: null,
    headers: z.object({ 'x-start': z.string().regex(/^\d+$/).optional() }),
    answer: { status: 200, description: 'pieces', contentType: 'text/plain' },
    refusals: [],
    async handle({ headers, gone }) {
      gone.addEventListener('abort', () => {
        seen.gone = true
      })
      seen.made = Number(headers['x-start'] ?? 0)
      const until = AbortSignal.any([gone, ending.signal])
      return { status: 200, stream: { contentType: 'text/plain', chunks: pieces(), until } }
    },
  })
  const router = mount([one], async () => null, '')
  const { log } = quietLog()
  const { newId } = manualClock()
  const url = await listeningHttp(createApp({ log, newId, routers: [router] }))
  return { url: `${url}/stream`, seen, ending }
}

/** A client that asks and then reads nothing, until Giro makes no more for it. */
async function slowReader({ url, seen }: Awaited<ReturnType<typeof streaming>>) {
  const socket = await connected(url)
  socket.pause()
  socket.write('GET /stream HTTP/1.1\r\nhost: x\r\n\r\n')
  let before = 0
  await until('no more is made', () => {
    const stands = seen.made > 0 && seen.made === before
    before = seen.made
    return stands
  })
  return socket
}

describe('a stream', () => {
  it('arrives whole, with the id of its request', async () => {
    const { url, seen } = await streaming(3)
    const { status, headers, bytes } = await http(url)
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/plain' })
    expect(headers['x-request-id']).toMatch(/^req_/)
    expect(bytes.toString()).toBe(piece.repeat(3))
    await until('the handler knows that it is over', () => seen.gone)
  })

  it('is made no faster than it is taken, and goes on when it is', async () => {
    const given = await streaming(endless)
    const socket = await slowReader(given)
    const stoodAt = given.seen.made
    expect(stoodAt).toBeLessThan(endless / 2)
    socket.resume()
    await until('more is made', () => given.seen.made > stoodAt)
    socket.destroy()
    await until('it ended with the client', () => given.seen.ended && given.seen.gone)
    expect(given.seen.made).toBeLessThan(endless)
  })

  it('is cut off for a client that is behind when it is told to end', async () => {
    const given = await streaming(endless)
    const socket = await slowReader(given)
    const closed = once(socket, 'close')
    given.ending.abort()
    await until('it ended', () => given.seen.ended)
    socket.resume()
    await closed
    expect(given.seen.made).toBeLessThan(endless / 2)
  })

  it('makes nothing for who asks only for its headers', async () => {
    const { url, seen } = await streaming(endless)
    const { status, bytes } = await http(url, { method: 'HEAD' })
    expect({ status, length: bytes.length }).toEqual({ status: 200, length: 0 })
    expect(seen.made).toBe(0)
  })

  it('begins where a header says, and is refused where that is wrong', async () => {
    const { url } = await streaming(3)
    expect((await http(url, { headers: { 'x-start': '2' } })).bytes).toHaveLength(piece.length)
    const refused = await http(url, { headers: { 'x-start': 'now' } })
    expect(refused.status).toBe(422)
    expect(refused.json.errors).toMatchObject([{ pointer: '/x-start' }])
  })
})
