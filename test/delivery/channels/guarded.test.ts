import type { LookupAddress } from 'node:dns'
import { createServer } from 'node:http'
import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Message } from '../../../src/delivery/channels/channel.ts'
import { apiChannel } from '../../../src/delivery/index.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { type Guard, type HttpProxy, networksOf } from '../../../src/platform/outbound/index.ts'
import { disguisedUrls, forbiddenAddresses, loopbackUrls } from '../../platform/outbound/hostile.ts'
import { atEnd } from '../../support/at-end.ts'
import { openConnectProxy } from '../../support/connect-proxy.ts'
import { found, guardFor } from '../../support/guard.ts'
import { listening, listeningTcp } from '../../support/listening.ts'
import { message } from '../../support/message.ts'
import { openPartner, says } from '../../support/partner.ts'
import { openTlsPartner, trustTestAuthority } from '../../support/tls.ts'
import { turns } from '../../support/turns.ts'

type Given = { proxy?: HttpProxy; timeoutMs?: number }

function channel(guard: Guard, { proxy, timeoutMs = 5000 }: Given = {}) {
  const one = apiChannel({ clock: systemClock, guard, proxy: proxy ?? null, longestMs: 5000 })
  atEnd(() => one.close())
  return {
    /** What it sends after this finds the connection free again. */
    async send(to: Message) {
      const sent = await one.send({ ...to, timeoutMs })
      await turns(2)
      return sent
    },
  }
}

/** A name server that says the next of these each time, and counts. */
function nameServer(...answers: [LookupAddress[], ...LookupAddress[][]]) {
  const asked: string[] = []
  const resolve = async (name: string) => {
    asked.push(name)
    return answers[Math.min(asked.length, answers.length) - 1] ?? []
  }
  return { asked, resolve }
}

const nowhere = networksOf([])
const delivered = { delivered: true, status: 204 }
const nothingSent = {
  delivered: false,
  stage: 'before',
  status: null,
  answer: null,
  error: expect.stringMatching(/^nothing was sent: the URL (leads to|must|is)/),
}

describe('a webhook to where nobody may be sent', () => {
  it.each(disguisedUrls)('is not sent, for how its URL is written: %j', async (url) => {
    expect(await channel(guardFor()).send(message(url))).toEqual(nothingSent)
  })

  it.each(loopbackUrls)('is not sent, since its URL leads to loopback: %j', async (url) => {
    expect(await channel(guardFor({ allow: nowhere })).send(message(url))).toEqual(nothingSent)
  })

  it('is not sent, whatever forbidden address its name has', async () => {
    for (const [address] of forbiddenAddresses) {
      const { resolve, asked } = nameServer(found(address))
      const api = channel(guardFor({ allow: nowhere, resolve }))
      const sent = await api.send(message('http://partner.example/'))
      expect({ address, ...sent }).toEqual({ address, ...nothingSent })
      expect(asked).toEqual(['partner.example'])
    }
  })

  it('is not sent through a proxy either, which hears nothing of it', async () => {
    const { proxy, asked } = await openConnectProxy({})
    const { resolve } = nameServer(found('10.0.0.1', '::1'))
    for (const scheme of ['http', 'https']) {
      const api = channel(guardFor({ allow: nowhere, resolve }), { proxy })
      expect(await api.send(message(`${scheme}://partner.example/`))).toEqual(nothingSent)
    }
    expect(asked).toEqual([])
  })

  it('does not follow a redirect there', async () => {
    const inside = await openPartner()
    const { port } = new URL(inside.url)
    const location = `http://127.0.0.2:${port}/`
    const outside = await openPartner(says(307, '', { location }))
    const sent = await channel(guardFor()).send(message(outside.url))
    expect(sent).toMatchObject({ delivered: false, status: 307 })
    expect(sent.error).toContain('redirect')
    expect(inside.heard).toEqual([])
  })
})

describe('a name that leads elsewhere once it was judged', () => {
  /** Two neighbours on one port: 127.0.0.2 stands for the Internet, 127.0.0.1 for the inside. */
  async function neighbours() {
    const heard: string[] = []
    const server = (who: string) =>
      createServer((request, response) => {
        request.resume()
        heard.push(who)
        const connection = request.url === '/last' ? 'close' : 'keep-alive'
        response.writeHead(204, { connection }).end()
      })
    const { port } = new URL(await listening(server('inside')))
    await listening(server('outside'), { host: '127.0.0.2', port: Number(port) })
    return { port, heard }
  }

  it('is asked for once a connection, which goes where it led then, or nowhere', async () => {
    const { port, heard } = await neighbours()
    const { asked, resolve } = nameServer(found('127.0.0.2'), found('127.0.0.1'))
    const api = channel(guardFor({ allow: networksOf(['127.0.0.2/32']), resolve }))
    const send = (path: string) => api.send(message(`http://rebound.example:${port}${path}`))

    expect(await send('/')).toMatchObject(delivered)
    expect(asked).toEqual(['rebound.example'])
    expect(await send('/last')).toMatchObject(delivered)
    expect(asked).toHaveLength(1)

    expect(await send('/')).toEqual(nothingSent)
    expect(asked).toHaveLength(2)
    expect(heard).toEqual(['outside', 'outside'])
  })

  it('is not sent to when only the saving of its route saw a good address', async () => {
    const { port, heard } = await neighbours()
    const { asked, resolve } = nameServer(found('127.0.0.2'), found('127.0.0.1'))
    const guard = guardFor({ allow: networksOf(['127.0.0.2/32']), resolve })
    const url = `http://rebound.example:${port}/`
    expect(await guard.judgeResolved(url)).toBeNull()
    expect(await channel(guard).send(message(url))).toEqual(nothingSent)
    expect(asked).toHaveLength(2)
    expect(heard).toEqual([])
  })

  it('is sent to its good addresses only, where it has others too', async () => {
    const { port, heard } = await neighbours()
    const { resolve } = nameServer(found('127.0.0.1', '10.0.0.1', '127.0.0.2'))
    const api = channel(guardFor({ allow: networksOf(['127.0.0.2/32']), resolve }))
    expect(await api.send(message(`http://mixed.example:${port}/last`))).toMatchObject(delivered)
    expect(heard).toEqual(['outside'])
  })
})

describe('a webhook over TLS', () => {
  beforeAll(trustTestAuthority)
  const { resolve } = nameServer(found('127.0.0.1'))

  it('goes to the address that was judged, under the name in the URL', async () => {
    const { port, heard } = await openTlsPartner()
    const { asked, resolve } = nameServer(found('127.0.0.1'))
    const api = channel(guardFor({ resolve, httpsOnly: true }))
    for (let i = 0; i < 2; i += 1)
      expect(await api.send(message(`https://partner.example:${port}/`))).toMatchObject(delivered)
    const once = { servername: 'partner.example', host: `partner.example:${port}` }
    expect(heard).toMatchObject([once, once])
    expect(heard[0]?.body).toContain('payment.received')
    expect(asked).toEqual(['partner.example'])
  })

  it.each([
    ['the certificate is for another name', 'partner', 'other.example'],
    ['the certificate has expired', 'expired', 'partner.example'],
    ['the certificate is self-signed', 'self-signed', 'partner.example'],
  ] as const)('is not sent where %s', async (error, certificate, name) => {
    const { port, heard } = await openTlsPartner(certificate)
    const sent = await channel(guardFor({ resolve })).send(message(`https://${name}:${port}/`))
    expect(sent).toEqual({ ...nothingSent, error })
    expect(heard).toEqual([])
  })

  it('is not sent where nobody speaks TLS', async () => {
    const { port } = new URL(await listeningTcp((socket) => socket.end('SSH-2.0-x\r\n')))
    const sent = await channel(guardFor({ resolve })).send(message(`https://a.example:${port}/`))
    expect(sent).toMatchObject({ delivered: false, error: expect.stringContaining('TLS') })
  })
})

describe('a webhook whose name cannot be looked up', () => {
  it('is tried until the time is over', async () => {
    const guard = guardFor({ resolve: () => new Promise(() => {}) })
    for (const proxy of [undefined, (await openConnectProxy({})).proxy]) {
      const api = channel(guard, { timeoutMs: 50, ...(proxy && { proxy }) })
      const { error } = await api.send(message('http://slow.example/'))
      expect(error).toBe('the name was not resolved within 0.05 s')
    }
  })

  it.each([
    ['ENOTFOUND', 'the name of the host is unknown'],
    ['EAI_AGAIN', 'the name of the host could not be looked up'],
  ])('says so: %s', async (code, error) => {
    const resolve = () => Promise.reject(Object.assign(new Error('no'), { code }))
    const sent = await channel(guardFor({ resolve })).send(message('https://unknown.example/'))
    expect(sent).toMatchObject({ delivered: false, status: null, error })
  })
})

describe('a webhook through a proxy', () => {
  beforeAll(trustTestAuthority)
  const publicly = ['93.184.215.14', '2606:2800:21f::1']

  it('over TLS asks it for the address that was judged, and TLS for the name', async () => {
    const { port, heard } = await openTlsPartner()
    const { proxy, asked } = await openConnectProxy({ '93.184.215.14:443': port })
    const { asked: names, resolve } = nameServer(found('10.0.0.1', '93.184.215.14'))
    const api = channel(guardFor({ allow: nowhere, resolve }), { proxy })
    for (let i = 0; i < 2; i += 1)
      expect(await api.send(message('https://partner.example/'))).toMatchObject(delivered)
    const once = { servername: 'partner.example', host: 'partner.example' }
    expect(heard).toMatchObject([once, once])
    expect({ asked, names }).toEqual({ asked: ['93.184.215.14:443'], names: ['partner.example'] })
  })

  it('in plain HTTP goes by CONNECT as well, with the name as its Host', async () => {
    const partner = await openPartner()
    const { port } = new URL(partner.url)
    const { proxy, asked } = await openConnectProxy({ '93.184.215.14:8080': port })
    const { resolve } = nameServer(found('93.184.215.14'))
    const api = channel(guardFor({ allow: nowhere, resolve }), { proxy })
    expect(await api.send(message('http://partner.example:8080/x'))).toMatchObject(delivered)
    expect(partner.heard[0]?.headers.host).toBe('partner.example:8080')
    expect(partner.heard[0]?.path).toBe('/x')
    expect(asked).toEqual(['93.184.215.14:8080'])
  })

  it('asks for the next address where the proxy does not reach the first', async () => {
    const { port } = new URL((await openPartner()).url)
    const { proxy, asked } = await openConnectProxy({ '[2606:2800:21f::1]:80': port })
    const { resolve } = nameServer(found(...publicly))
    const api = channel(guardFor({ allow: nowhere, resolve }), { proxy })
    expect(await api.send(message('http://partner.example/'))).toMatchObject(delivered)
    expect(asked).toEqual(['93.184.215.14:80', '[2606:2800:21f::1]:80'])
  })

  it('says what the proxy said', async () => {
    const { proxy } = await openConnectProxy({})
    const { resolve } = nameServer(found(...publicly))
    const sent = await channel(guardFor({ resolve }), { proxy }).send(message('http://a.example/'))
    expect(sent).toMatchObject({ delivered: false, error: 'the proxy answered 502' })
  })

  it('says that the proxy is not there', async () => {
    const { resolve } = nameServer(found(...publicly))
    const proxy = { host: '127.0.0.1', port: 1 }
    const sent = await channel(guardFor({ resolve }), { proxy }).send(message('http://a.example/'))
    expect(sent.error).toBe('the proxy: the connection was refused')
  })

  it('is what the certificate must be for', async () => {
    const { port, heard } = await openTlsPartner()
    const { proxy } = await openConnectProxy({ '93.184.215.14:443': port })
    const { resolve } = nameServer(found('93.184.215.14'))
    const sent = await channel(guardFor({ resolve }), { proxy }).send(
      message('https://other.example/'),
    )
    expect(sent.error).toBe('the certificate is for another name')
    expect(heard).toEqual([])
  })

  it('to an exempt origin goes past it', async () => {
    const partner = await openPartner()
    const { proxy, asked } = await openConnectProxy({})
    const { origin } = new URL(partner.url)
    const guard = guardFor({ allow: nowhere, exempts: (one) => one === origin })
    expect(await channel(guard, { proxy }).send(message(partner.url))).toMatchObject(delivered)
    expect(asked).toEqual([])
  })
})
