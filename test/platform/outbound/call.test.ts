import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { beforeAll, describe, expect, it } from '@jest/globals'
import {
  type Guard,
  type HttpProxy,
  openAgent,
  post,
} from '../../../src/platform/outbound/index.ts'
import { atEnd } from '../../support/at-end.ts'
import { openConnectProxy } from '../../support/connect-proxy.ts'
import { found, guardFor } from '../../support/guard.ts'
import { listening, listeningHttp, listeningTcp } from '../../support/listening.ts'
import { mutual, openTlsPartner, pem, trustTestAuthority } from '../../support/tls.ts'
import { until } from '../../support/until.ts'

beforeAll(trustTestAuthority)

type Given = { guard?: Guard; proxy?: HttpProxy | null; agentMs?: number; timeoutMs?: number }

const here = guardFor({ resolve: async () => found('127.0.0.1') })

/** POSTs by a client of its own. */
async function call(url: string, given: Given = {}) {
  const { guard = here, proxy = null, agentMs = 20_000, timeoutMs = 20_000 } = given
  const agent = await openAgent({ guard, proxy, timeoutMs: agentMs })
  atEnd(() => agent.destroy())
  return post(agent, { url, headers: {}, body: 'hello', timeoutMs, keptBytes: 100 })
}

const silent = () => listeningTcp((socket) => socket.resume())

async function over(protocol: 'http' | 'https', listener: Promise<string>): Promise<string> {
  return `${protocol}://partner.example:${new URL(await listener).port}/`
}

const noName = guardFor({ resolve: () => new Promise(() => {}) })

async function silentProxy(): Promise<HttpProxy> {
  const { hostname: host, port } = new URL(await silent())
  return { host, port: Number(port) }
}

async function tlsThatFallsSilent(): Promise<string> {
  const options = { cert: pem('partner'), key: pem('key') }
  return listening(createTlsServer(options, (socket) => socket.on('error', () => {}).resume()))
}

describe('a call that does not end in time', () => {
  it.each([
    ['a name', { guard: noName }, silent, 'the name was not resolved'],
    [
      'a name before the proxy',
      { guard: noName, silentProxy },
      silent,
      'the name was not resolved',
    ],
    ['a proxy', { silentProxy }, silent, 'no connection'],
  ])('says that it waited for %s', async (_, { silentProxy, ...given }: Hung, listener, what) => {
    const proxy = (await silentProxy?.()) ?? null
    const timeoutMs = 100
    const called = await call(await over('https', listener()), { ...given, proxy, timeoutMs })
    expect(called).toEqual({ answer: null, failure: `${what} within 0.1 s`, stage: 'before' })
  })

  it('says that it waited for TLS', async () => {
    const called = await call(await over('https', silent()), { timeoutMs: 1000 })
    expect(called).toEqual({ answer: null, failure: 'no TLS within 1 s', stage: 'before' })
  })

  it.each([
    ['http', silent],
    ['https', tlsThatFallsSilent],
  ] as const)(
    'says over %s that it waited for an answer, and may have arrived',
    async (...given) => {
      const [protocol, listener] = given
      const called = await call(await over(protocol, listener()), { timeoutMs: 1000 })
      expect(called).toEqual({ answer: null, failure: 'no answer within 1 s', stage: 'during' })
    },
  )

  it('leaves no connection that is still being made', async () => {
    const closed = Promise.withResolvers<void>()
    const url = await over(
      'https',
      listeningTcp((socket) => socket.resume().on('close', closed.resolve)),
    )
    expect(await call(url, { agentMs: 1000 })).toMatchObject({ failure: 'no TLS within 1 s' })
    await closed.promise
  })

  it('ends at once with its client, and leaves no connection behind', async () => {
    const begun = Promise.withResolvers<Socket>()
    const url = await over('https', listeningTcp(begun.resolve))
    const agent = await openAgent({ guard: here, proxy: null, timeoutMs: 600_000 })
    const limits = { timeoutMs: 600_000, keptBytes: 100 }
    const calling = post(agent, { url, headers: {}, body: 'hello', ...limits })
    const closed = once((await begun.promise).resume(), 'close')
    await agent.destroy()
    expect(await calling).toEqual({
      answer: null,
      failure: 'Giro was stopped before an answer',
      stage: 'before',
    })
    await closed
  })

  it('is not sent when its connection is there after all', async () => {
    const sockets: Socket[] = []
    const url = await over(
      'http',
      listeningTcp((socket) => sockets.push(socket.resume())),
    )
    const named = Promise.withResolvers<void>()
    const guard = guardFor({ resolve: () => named.promise.then(() => found('127.0.0.1')) })
    expect(await call(url, { guard, timeoutMs: 100 })).toMatchObject({ stage: 'before' })
    named.resolve()
    const late = await until('a connection', () => sockets[0])
    if (!late.closed) await once(late, 'close')
    expect(late.bytesRead).toBe(0)
  })
})

type Hung = Given & { silentProxy?: () => Promise<HttpProxy> }

describe('a call that fails', () => {
  const withCode = (code: string) =>
    guardFor({ resolve: () => Promise.reject(Object.assign(new Error('no'), { code })) })

  it.each([
    ['ENOTFOUND', 'the name of the host is unknown'],
    ['EAI_AGAIN', 'the name of the host could not be looked up'],
    ['ECONNREFUSED', 'the connection was refused'],
    ['EHOSTUNREACH', 'the host cannot be reached'],
    ['ENETUNREACH', 'the network cannot be reached'],
    ['ETIMEDOUT', 'no connection in time'],
  ])('before it has a connection, for %s, says so', async (code, failure) => {
    const called = await call('http://a.example/', { guard: withCode(code) })
    expect(called).toEqual({ answer: null, failure, stage: 'before' })
  })

  it('has an address that is found and one that refuses tells of the refusal', async () => {
    const guard = guardFor({ resolve: async () => found('127.0.0.2', '127.0.0.3') })
    const { port } = new URL(await silent())
    const called = await call(`http://a.example:${port}/`, { guard })
    expect(called).toMatchObject({ failure: 'the connection was refused', stage: 'before' })
  })

  it.each([
    ['expired', 'partner', 'the certificate has expired'],
    ['self-signed', 'partner', 'the certificate is self-signed'],
    ['partner', 'other', 'the certificate is for another name'],
    [
      'stranger',
      'partner',
      expect.stringMatching(/^the certificate is not from an authority that is trusted here/),
    ],
  ] as const)('for a certificate (%s, as %s) says that', async (certificate, name, failure) => {
    const { port, heard } = await openTlsPartner(certificate)
    const called = await call(`https://${name}.example:${port}/`)
    expect(called).toEqual({ answer: null, failure, stage: 'before' })
    expect(heard).toEqual([])
  })

  it.each([
    ['speaks no TLS', (socket: Socket) => socket.end('SSH-2.0-x\r\n'), /^no TLS .*\(ERR_SSL_/],
    ['closes', (socket: Socket) => socket.end(), /^the connection was closed during TLS/],
    [
      'refuses all we speak',
      // A TLS record (RFC 8446, 6): a fatal alert, handshake_failure.
      (socket: Socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40])),
      /^no TLS .*\(ERR_SSL_.*HANDSHAKE_FAILURE\)/,
    ],
  ])('in TLS, with one who %s, says that', async (_, talk, failure) => {
    const url = listeningTcp((socket) => void socket.once('data', () => talk(socket)))
    const called = await call(await over('https', url))
    expect(called).toMatchObject({ failure: expect.stringMatching(failure), stage: 'before' })
  })

  it('in TLS, with one who has no version in common, says that', async () => {
    const { port } = await openTlsPartner('partner', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })
    const called = await call(`https://partner.example:${port}/`)
    expect(called).toMatchObject({ failure: expect.stringMatching(/^no TLS/), stage: 'before' })
  })

  it.each([
    ['TLSv1.2', /^no TLS connection could be made \(.*HANDSHAKE_FAILURE\)/],
    ['TLSv1.3', /^our certificate was not accepted \(.*CERTIFICATE_REQUIRED\)/],
  ] as const)('for want of a certificate of ours in %s has sent nothing', async (...given) => {
    const [maxVersion, failure] = given
    const { port, heard } = await openTlsPartner('partner', { ...mutual, maxVersion })
    const called = await call(`https://partner.example:${port}/`)
    expect(called).toMatchObject({ failure: expect.stringMatching(failure), stage: 'before' })
    expect(heard).toEqual([])
  })

  it('through a proxy that says something other than yes, says what', async () => {
    const url = await listeningHttp((_, response) => response.end())
    const { hostname: host, port } = new URL(url)
    const called = await call('http://a.example/', { proxy: { host, port: Number(port) } })
    expect(called).toMatchObject({ stage: 'before', failure: expect.stringMatching(/^the proxy/) })
  })

  it('through a proxy that connects, and breaks off, may have arrived', async () => {
    const { port } = new URL(
      await listeningTcp((socket) => void socket.once('data', () => socket.destroy())),
    )
    const { proxy } = await openConnectProxy({ '127.0.0.1:80': port })
    expect(await call('http://a.example/', { proxy })).toMatchObject({ stage: 'during' })
  })
})
