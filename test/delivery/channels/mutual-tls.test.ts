import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Message } from '../../../src/delivery/channels/channel.ts'
import { apiChannel } from '../../../src/delivery/index.ts'
import type { ClientCertificate } from '../../../src/party/index.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { atEnd } from '../../support/at-end.ts'
import { openConnectProxy } from '../../support/connect-proxy.ts'
import { found, guardFor } from '../../support/guard.ts'
import { message } from '../../support/message.ts'
import { mutual, openTlsPartner, pem, trustTestAuthority } from '../../support/tls.ts'
import { turns } from '../../support/turns.ts'

beforeAll(trustTestAuthority)

const ours = { certificate: pem('client'), key: pem('client-key') }

/** Signed by itself: a partner knows nobody who vouches for it. */
const strange = { certificate: pem('self-signed'), key: pem('key') }

function channel(proxy: { host: string; port: number } | null = null) {
  const guard = guardFor({ resolve: async () => found('127.0.0.1') })
  const api = apiChannel({ clock: systemClock, guard, proxy, longestMs: 20_000 })
  atEnd(() => api.close())
  return {
    /** What it sends after this finds the connection free again. */
    async send(to: Message) {
      const sent = await api.send(to)
      await turns(2)
      return sent
    },
  }
}

function showing(
  url: string,
  clientCertificate: ClientCertificate | null,
  { routeId = 'rte_1', kept = 'kept' } = {},
): Message {
  const plain = message(url)
  const route = { ...plain.route, id: routeId, clientCertificate: clientCertificate && kept }
  return { ...plain, clientCertificate, route }
}

const told = { delivered: true, stage: 'after', status: 204 }

describe('a partner that asks for a certificate', () => {
  it('is shown ours, over one connection for many webhooks', async () => {
    const partner = await openTlsPartner('partner', mutual)
    const api = channel()
    const url = `https://partner.example:${partner.port}/`
    for (let i = 0; i < 3; i += 1) expect(await api.send(showing(url, ours))).toMatchObject(told)
    expect(partner.heard.map(({ client }) => client)).toEqual(Array(3).fill('giro.bank.example'))
    expect(partner.handshakes()).toBe(1)
  })

  it('is shown it inside the tunnel of a proxy too', async () => {
    const { port, heard } = await openTlsPartner('partner', mutual)
    const { proxy, asked } = await openConnectProxy({ '127.0.0.1:443': port })
    const sent = await channel(proxy).send(showing('https://partner.example/', ours))
    expect(sent).toMatchObject(told)
    expect(heard).toMatchObject([{ client: 'giro.bank.example' }])
    expect(asked).toEqual(['127.0.0.1:443'])
  })

  it('is not told by a route without one, though it was by another', async () => {
    const { port, heard } = await openTlsPartner('partner', mutual)
    const url = `https://partner.example:${port}/`
    const api = channel()
    expect(await api.send(showing(url, ours))).toMatchObject(told)
    const sent = await api.send(showing(url, null, { routeId: 'rte_2' }))
    expect(sent).toMatchObject({
      stage: 'before',
      error: expect.stringMatching(/^our certificate/),
    })
    expect(heard).toHaveLength(1)
  })

  it('is not told with one that it does not take', async () => {
    const { port, heard } = await openTlsPartner('partner', mutual)
    const sent = await channel().send(showing(`https://partner.example:${port}/`, strange))
    expect(sent).toMatchObject({ delivered: false, status: null })
    expect(heard).toEqual([])
  })

  it('is shown another as soon as the route has another, on a new connection', async () => {
    const any = { ...mutual, rejectUnauthorized: false }
    const { port, heard, handshakes } = await openTlsPartner('partner', any)
    const url = `https://partner.example:${port}/`
    const api = channel()
    await api.send(showing(url, ours, { kept: 'first' }))
    await api.send(showing(url, strange, { kept: 'second' }))
    await api.send(showing(url, strange, { kept: 'second' }))
    const clients = heard.map(({ client }) => client)
    expect(clients).toEqual(['giro.bank.example', 'partner.example', 'partner.example'])
    expect(handshakes()).toBe(2)
  })
})

describe('a route with an authority of its own', () => {
  it('trusts that one, which nobody else trusts', async () => {
    const { port } = await openTlsPartner('stranger', mutual)
    const url = `https://partner.example:${port}/`
    const ca = pem('another-authority')
    expect(await channel().send(showing(url, { ...ours, ca }))).toMatchObject(told)
    const other = await channel().send(showing(url, ours))
    expect(other).toMatchObject({
      stage: 'before',
      error: expect.stringMatching(/not from an auth/),
    })
  })

  it('trusts no other', async () => {
    const { port } = await openTlsPartner('partner', mutual)
    const own = { ...ours, ca: pem('another-authority') }
    const sent = await channel().send(showing(`https://partner.example:${port}/`, own))
    expect(sent).toMatchObject({
      stage: 'before',
      error: expect.stringMatching(/not from an auth/),
    })
  })
})
