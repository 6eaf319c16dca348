import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from '@jest/globals'
import { type BodyLimits, readBody } from '../../../src/platform/http/index.ts'
import { http, rawHttp } from '../../support/http.ts'
import { connected, listeningHttp } from '../../support/listening.ts'
import { until } from '../../support/until.ts'

/** Answers with what it read of the body, and tells of requests; `/hasty` waits less for them. */
async function reading(limits: Partial<BodyLimits> = {}) {
  const seen = { begun: 0, settled: 0 }
  const url = await listeningHttp(async (request, response) => {
    seen.begun += 1
    const timeoutMs = request.url === '/hasty' ? hasteMs : 10_000
    const read = await readBody(request, { maxBytes: 1000, timeoutMs, ...limits })
    seen.settled += 1
    response.end(read.ok ? read.body : JSON.stringify(read.refusal.code))
  })
  return { url, seen }
}

const hasteMs = 100

const post = (url: string, body: Buffer) => http(url, { method: 'POST', body })

describe('the body of a request', () => {
  it.each([0, 1, 999, 1000])('of %d bytes is read as it is', async (size) => {
    const { url } = await reading()
    const body = Buffer.alloc(size, 'x')
    expect((await post(url, body)).bytes).toEqual(body)
  })

  it('is put together from its pieces, byte for byte', async () => {
    const { url } = await reading()
    const head =
      'POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n'
    const answer = await rawHttp(url, `${head}3\r\na\0\xff\r\n2\r\n\r\n\r\n0\r\n\r\n`)
    expect(answer).toMatch(/\r\n\r\na\0\xff\r\n$/)
  })

  it('is refused at once when its head says that it is too large', async () => {
    const { url, seen } = await reading()
    const socket = await connected(url)
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n')
    const [answer] = await once(socket, 'data')
    expect(`${answer}`).toContain('"body_too_large"')
    expect(seen.settled).toBe(1)
  })

  it('is refused as soon as it is too large when nothing was said of its size', async () => {
    const { url } = await reading()
    const socket = await connected(url)
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
    socket.write(`3e8\r\n${'x'.repeat(1000)}\r\n1\r\nx\r\n`)
    const [answer] = await once(socket, 'data')
    expect(`${answer}`).toContain('"body_too_large"')
  })

  it('is refused when it does not arrive in time, however busily it drips', async () => {
    const { url, seen } = await reading({ timeoutMs: 30 })
    const socket = await connected(url)
    socket.write('POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 500\r\n\r\n')
    const answer = buffer(socket)
    await until('the time was over', () => {
      socket.write('x')
      return seen.settled === 1
    })
    socket.end()
    expect(`${await answer}`).toContain('"request_timeout"')
  })

  it('is waited for by nobody once the client has gone away', async () => {
    const { url, seen } = await reading()
    const socket = await connected(url)
    const began = performance.now()
    socket.write('POST /hasty HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\nhalf')
    await until('the request began', () => seen.begun === 1)
    socket.destroy()
    expect((await post(url, Buffer.from('next'))).bytes.toString()).toBe('next')
    await until('its time would be over', () => performance.now() > began + 2 * hasteMs)
    expect(seen).toEqual({ begun: 2, settled: 1 })
  })
})
