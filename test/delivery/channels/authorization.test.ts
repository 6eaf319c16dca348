import { describe, expect, it } from '@jest/globals'
import type { Message } from '../../../src/delivery/channels/channel.ts'
import { apiChannel } from '../../../src/delivery/index.ts'
import type { Auth } from '../../../src/party/index.ts'
import type { Guard } from '../../../src/platform/outbound/index.ts'
import { networksOf } from '../../../src/platform/outbound/index.ts'
import { atEnd } from '../../support/at-end.ts'
import { found, guardFor } from '../../support/guard.ts'
import { listeningHttp, listeningTcp } from '../../support/listening.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { message } from '../../support/message.ts'
import { type Behaviour, inTurn, openPartner, says } from '../../support/partner.ts'
import { freePort } from '../../support/port.ts'
import { grants, openTokenServer } from '../../support/token-server.ts'

function opened({ guard = guardFor(), timeoutMs = 20_000 }: { guard?: Guard; timeoutMs?: number }) {
  const { clock } = manualClock()
  const one = apiChannel({ clock, guard, proxy: null, longestMs: timeoutMs })
  const api = { ...one, send: (to: Message) => one.send({ ...to, timeoutMs }) }
  atEnd(() => api.close())
  return { api, clock }
}

/** What a route with this says; another `kept` is another grant. */
function saying(url: string, auth: Auth, kept = 'kept'): Message {
  const plain = message(url)
  return { ...plain, auth, route: { ...plain.route, auth: kept } }
}

const grant = (token_url: string): Auth => ({
  type: 'oauth2',
  token_url,
  client_id: 'giro:1',
  client_secret: 'hush & hush'.replaceAll(' ', '+'),
})

const told = { delivered: true, stage: 'after', status: 204 }

/** What the partner was shown, in turn. */
async function partnerThat(...behaviour: [Behaviour, ...Behaviour[]]) {
  const partner = await openPartner(inTurn(...behaviour))
  return { ...partner, shown: () => partner.heard.map(({ headers }) => headers.authorization) }
}

/** Takes one token alone. */
const takes =
  (token: string): Behaviour =>
  (response, { headers }) =>
    response.writeHead(headers.authorization === `Bearer ${token}` ? 204 : 401).end()

describe('a webhook with a name and a password', () => {
  it('shows both as RFC 7617 has them, in UTF-8', async () => {
    const partner = await partnerThat(says(204))
    const auth: Auth = { type: 'basic', username: 'jürgen', password: 'a:b' }
    expect(await opened({}).api.send(saying(partner.url, auth))).toMatchObject(told)
    expect(partner.shown()).toEqual([`Basic ${Buffer.from('jürgen:a:b').toString('base64')}`])
  })
})

describe('a webhook with a bearer token', () => {
  it('shows it, and is not sent again where it is not taken', async () => {
    const partner = await partnerThat(says(401))
    const sent = await opened({}).api.send(saying(partner.url, { type: 'bearer', token: 'a.b' }))
    expect(sent).toMatchObject({ delivered: false, stage: 'after', status: 401 })
    expect(partner.shown()).toEqual(['Bearer a.b'])
  })
})

describe('a webhook with a token of OAuth 2.0', () => {
  it('asks for it by the client credentials grant, once for many that come at once', async () => {
    const server = await openTokenServer()
    const partner = await partnerThat(says(204))
    const { api } = opened({})
    const auth = { ...grant(server.url), scope: 'payments other' } as Auth
    const sent = await Promise.all(
      Array.from({ length: 20 }, () => api.send(saying(partner.url, auth))),
    )
    expect(sent.filter(({ delivered }) => delivered)).toHaveLength(20)
    expect(new Set(partner.shown())).toEqual(new Set(['Bearer token-1']))
    const credentials = Buffer.from('giro%3A1:hush%2B%26%2Bhush').toString('base64')
    expect(server.asked).toEqual([
      {
        authorization: `Basic ${credentials}`,
        type: 'application/x-www-form-urlencoded',
        body: 'grant_type=client_credentials&scope=payments+other',
      },
    ])
  })

  it.each([
    [3600, 3_569_000, 3_571_000],
    [40, 19_000, 21_000],
    ['3600', 3_569_000, 3_571_000],
    [undefined, 269_000, 271_000],
  ])('keeps it until shortly before its end: %p s', async (expires_in, good, over) => {
    const server = await openTokenServer(grants({ expires_in }))
    const partner = await partnerThat(says(204))
    const { api, clock } = opened({})
    const send = () => api.send(saying(partner.url, grant(server.url)))
    await send()
    clock.advance(good)
    await send()
    clock.advance(over - good)
    await send()
    expect(partner.shown()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
  })

  it('takes another for a route that was changed', async () => {
    const server = await openTokenServer()
    const partner = await partnerThat(says(204))
    const { api } = opened({})
    for (const kept of ['before', 'before', 'after'])
      await api.send(saying(partner.url, grant(server.url), kept))
    expect(partner.shown()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
  })

  it('fetches it anew after a 401, and sends again within the same attempt', async () => {
    const server = await openTokenServer()
    const partner = await partnerThat(takes('token-2'))
    const { api } = opened({})
    expect(await api.send(saying(partner.url, grant(server.url)))).toMatchObject(told)
    expect(await api.send(saying(partner.url, grant(server.url)))).toMatchObject(told)
    expect(partner.shown()).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2'])
    const [first, again] = partner.heard
    expect(again?.body).toEqual(first?.body)
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
  })

  it('fetches one for all that had a 401 at once', async () => {
    const server = await openTokenServer()
    const partner = await partnerThat(takes('token-2'))
    const { api } = opened({})
    const sent = await Promise.all(
      Array.from({ length: 10 }, () => api.send(saying(partner.url, grant(server.url)))),
    )
    expect(sent.filter(({ delivered }) => delivered)).toHaveLength(10)
    expect(server.asked).toHaveLength(2)
  })

  it('gives up after the second 401', async () => {
    const server = await openTokenServer()
    const partner = await partnerThat(says(401))
    const sent = await opened({}).api.send(saying(partner.url, grant(server.url)))
    expect(sent).toMatchObject({ delivered: false, stage: 'after', status: 401 })
    expect(partner.heard).toHaveLength(2)
  })

  it('says what became of the first where there is no second', async () => {
    const server = await openTokenServer((response, count) =>
      count === 1 ? grants({})(response, 1) : response.writeHead(503).end(),
    )
    const partner = await partnerThat(says(401, 'no'))
    const sent = await opened({}).api.send(saying(partner.url, grant(server.url)))
    expect(sent).toMatchObject({ stage: 'after', status: 401, answer: 'no' })
    expect(sent.error).toMatch(/answered 401.*; then no token: the token server answered 503$/)
    expect(partner.heard).toHaveLength(1)
  })
})

describe('a webhook without the token it needs', () => {
  const answers = (status: number, body: string) => (response: Parameters<Behaviour>[0]) =>
    response.writeHead(status).end(body)

  it.each([
    ['refuses', answers(401, '{"error":"invalid_client"}'), 'answered 401 (invalid_client)'],
    ['refuses with much', answers(400, JSON.stringify({ error: 'x'.repeat(65) })), 'answered 400'],
    ['fails', answers(500, 'oh'), 'answered 500'],
    ['redirects', answers(302, ''), 'answered 302'],
    ['says no JSON', answers(200, '<html>'), 'gave no access_token that can be used'],
    ['says null', answers(200, 'null'), 'gave no access_token that can be used'],
    ['says no token', grants({ access_token: '' }), 'gave no access_token that can be used'],
    [
      'says a token with a line end',
      grants({ access_token: 'a\r\nX: b' }),
      'gave no access_token that can be used',
    ],
    ['says another kind', grants({ token_type: 'mac' }), 'gave a token whose type is not Bearer'],
    ['has no end', grants({ more: 'x'.repeat(100_000) }), 'gave no access_token that can be used'],
  ])('is not sent: the server %s', async (_, answer, reason) => {
    const server = await openTokenServer(answer)
    const partner = await partnerThat(says(204))
    const sent = await opened({}).api.send(saying(partner.url, grant(server.url)))
    const error = `no token: the token server ${reason}`
    expect(sent).toEqual({ delivered: false, stage: 'before', status: null, answer: null, error })
    expect(partner.heard).toEqual([])
  })

  it('is not sent where the server is not there, nor where it is silent', async () => {
    const partner = await partnerThat(says(204))
    const away = grant(`http://127.0.0.1:${await freePort()}/token`)
    expect(await opened({}).api.send(saying(partner.url, away))).toMatchObject({
      stage: 'before',
      error: 'no token: the token server: the connection was refused',
    })
    const silent = grant(await listeningTcp((socket) => socket.resume()))
    const { api } = opened({ timeoutMs: 100 })
    expect(await api.send(saying(partner.url, silent))).toMatchObject({
      stage: 'before',
      error: expect.stringMatching(/^no token.* within 0\.1 s$/),
    })
    expect(partner.heard).toEqual([])
  })

  it('is not sent where the token would come from where nobody may ask', async () => {
    const partner = await partnerThat(says(204))
    const inside = await openTokenServer()
    const { port } = new URL(inside.url)
    const guard = guardFor({
      allow: networksOf(['127.0.0.1/32']),
      resolve: async () => found('127.0.0.2'),
    })
    const error = expect.stringMatching(/^no token: the token .*URL leads to 127\.0\.0\.2/)
    for (const host of ['127.0.0.2', 'rebound.example']) {
      const auth = grant(`http://${host}:${port}/token`)
      const sent = await opened({ guard }).api.send(saying(partner.url, auth))
      expect(sent).toMatchObject({ stage: 'before', error })
    }
    expect([inside.asked, partner.heard]).toEqual([[], []])
  })

  it('is sent when the server is back', async () => {
    const partner = await partnerThat(says(204))
    const server = await openTokenServer((response, count) =>
      count === 1 ? response.destroy() : grants({})(response, count),
    )
    const { api } = opened({})
    expect(await api.send(saying(partner.url, grant(server.url)))).toMatchObject({
      stage: 'before',
    })
    expect(await api.send(saying(partner.url, grant(server.url)))).toMatchObject(told)
  })
})

describe('the time limit of a webhook with a token', () => {
  it('is one for the token and the partner together', async () => {
    const server = await openTokenServer()
    const url = await listeningHttp((request) => request.resume())
    const { api } = opened({ timeoutMs: 1000 })
    const began = performance.now()
    const sent = await api.send(saying(url, grant(server.url)))
    expect(sent).toMatchObject({
      stage: 'during',
      error: expect.stringMatching(/^no answer within/),
    })
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})
