import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from '@jest/globals'
import { Agent, request } from 'undici'
import { httpServer } from '../../../src/platform/http/index.ts'
import { UserError } from '../../../src/platform/problem.ts'
import { atEnd } from '../../support/at-end.ts'
import { connected } from '../../support/listening.ts'
import { turns, watched } from '../../support/turns.ts'
import { until } from '../../support/until.ts'
import { serviceSuite } from '../service.suite.ts'

const options = {
  host: '127.0.0.1',
  port: 0,
  portSetting: 'PORT',
  requestTimeoutMs: 10_000,
  stopTimeoutMs: 10_000,
}

serviceSuite('an HTTP server', async () => httpServer((_, response) => response.end(), options))

/** A server that answers when the test says so, and a client that keeps its connections. */
async function answering(change: Partial<typeof options> = {}) {
  const open: ServerResponse[] = []
  const server = httpServer((_, response) => open.push(response), { ...options, ...change })
  await server.start()
  atEnd(() => server.stop())
  const agent = new Agent({ pipelining: 1 })
  atEnd(() => agent.destroy())
  const get = () => request(server.url(), { dispatcher: agent })
  const inHand = (count: number) => until('a request is in hand', () => open.length === count)
  return { server, open, get, inHand }
}

describe('an HTTP server that is told to stop', () => {
  it('finishes the answers in hand, and stops as soon as they are out', async () => {
    const { server, open, get, inHand } = await answering()
    const answer = get()
    await inHand(1)
    const stopped = watched(server.stop())
    await turns(20)
    expect(stopped.settled()).toBe(false)
    const began = performance.now()
    open[0]?.end('here you are')
    expect(await (await answer).body.text()).toBe('here you are')
    await stopped.promise
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it('sends an answer to its end that is written but not yet sent', async () => {
    const { server, open, get, inHand } = await answering()
    const quick = get()
    await inHand(1)
    const socket = await connected(server.url())
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await inHand(2)
    const size = 30_000_000
    open[1]?.setHeader('content-length', size).end(Buffer.alloc(size))
    await once(socket, 'readable')
    const stopped = server.stop()
    open[0]?.end()
    await (await quick).body.dump()
    await turns(50)
    const all = await buffer(socket)
    expect(all.length).toBeGreaterThan(size)
    await stopped
  })

  it('does not wait for connections on which nobody asks', async () => {
    const { server, open, get, inHand } = await answering()
    const answer = get()
    await inHand(1)
    open[0]?.end()
    await (await answer).body.dump()
    const idle = await connected(server.url())
    const closed = once(idle, 'close')
    const began = performance.now()
    await server.stop()
    await closed
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it('takes no new connections', async () => {
    const { server } = await answering()
    const url = server.url()
    await server.stop()
    await expect(request(url)).rejects.toThrow('ECONNREFUSED')
  })

  it('cuts what does not end within its time', async () => {
    const { server, get, inHand } = await answering({ stopTimeoutMs: 20 })
    const answer = get()
    answer.catch(() => {})
    await inHand(1)
    await server.stop()
    await expect(answer).rejects.toThrow()
  })
})

describe('an HTTP server that cannot start', () => {
  it('says in a sentence that the port is taken, and which setting to change', async () => {
    const { server } = await answering()
    const port = Number(new URL(server.url()).port)
    const second = httpServer(() => {}, { ...options, port })
    const starting = second.start()
    await expect(starting).rejects.toThrow(UserError)
    await expect(starting).rejects.toThrow(/^Port \d+ on 127\.0\.0\.1 is taken: .*another PORT\.$/)
    await second.stop()
  })

  it('says in a sentence that the host is none of this machine', async () => {
    const second = httpServer(() => {}, { ...options, host: '192.0.2.1' })
    await expect(second.start()).rejects.toThrow('HOST 192.0.2.1 is not an address of this machine')
    await second.stop()
  })
})

describe('the URL of a server', () => {
  it('has brackets around an address of IPv6', async () => {
    const server = httpServer((_, response) => response.end(), { ...options, host: '::1' })
    await server.start()
    atEnd(() => server.stop())
    expect(server.url()).toMatch(/^http:\/\/\[::1\]:\d+$/)
  })
})
