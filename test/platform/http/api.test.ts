import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { DatabaseUnavailable } from '../../../src/platform/database/index.ts'
import {
  type Caller,
  createApp,
  type Endpoint,
  endpoint,
  mount,
  noContent,
  ok,
} from '../../../src/platform/http/index.ts'
import { catalogue, Refused } from '../../../src/platform/problem.ts'
import { type Answer, http, rawHttp, type Send } from '../../support/http.ts'
import { listeningHttp } from '../../support/listening.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { quietLog } from '../../support/quiet-log.ts'

const callers: Record<string, Caller> = {
  reader: { keyId: 'key_r', scope: 'read', own: null },
  shop: { keyId: 'key_p', scope: 'partner', own: 'shop' },
  nobodys: { keyId: 'key_n', scope: 'partner', own: null },
  boss: { keyId: 'key_a', scope: 'admin', own: null },
}

const answer = { status: 200, description: 'what was asked for' }

const endpoints: Endpoint[] = [
  endpoint({
    method: 'get',
    path: '/things/{id}',
    summary: 'Read',
    scope: 'read',
    params: z.object({ id: z.string() }),
    query: z.strictObject({ limit: z.coerce.number().int().max(5).optional() }),
    answer,
    refusals: [],
    handle: async ({ params, query }) => ok({ ...params, ...query }),
  }),
  endpoint({
    method: 'post',
    path: '/shops/{account_id}',
    summary: 'Change',
    scope: 'admin',
    forPartners: true,
    params: z.object({ account_id: z.string() }),
    body: z.strictObject({ name: z.string() }),
    answer,
    refusals: [],
    handle: async ({ own }) => ok({ own }),
  }),
  endpoint({
    method: 'post',
    path: '/things',
    summary: 'Create',
    scope: 'admin',
    body: z.strictObject({ name: z.string(), size: z.number() }),
    answer,
    refusals: [],
    handle: async ({ body }) => ok(body),
  }),
  endpoint({
    method: 'delete',
    path: '/things/{id}',
    summary: 'Delete',
    scope: 'admin',
    answer,
    refusals: [],
    handle: async () => noContent,
  }),
  ...Object.entries({
    refused: () => new Refused('in_use', 'Something refers to it.'),
    broken: () => new TypeError('secret internals at /srv/giro'),
    'without-database': () => new DatabaseUnavailable('disk full'),
  }).map(([name, error]) =>
    endpoint({
      method: 'get',
      path: `/${name}`,
      summary: 'Fail',
      scope: null,
      answer,
      refusals: [],
      handle: () => Promise.reject(error()),
    }),
  ),
]

async function api() {
  const { log, lines } = quietLog()
  const { newId } = manualClock()
  const router = mount(endpoints, async (key) => callers[key] ?? null, '/api/v1')
  const url = await listeningHttp(createApp({ log, newId, routers: [router] }))
  const call = (path: string, send: Send = {}) => http(`${url}/api/v1${path}`, send)
  const as = (key: string, more: Record<string, string> = {}) => ({
    headers: { authorization: `Bearer ${key}`, ...more },
  })
  const post = (body: string | Buffer, more: Record<string, string> = {}) =>
    call('/things', {
      method: 'POST',
      body,
      ...as('boss', { 'content-type': 'application/json', ...more }),
    })
  return { url, call, as, post, lines }
}

function expectProblem(answer: Answer, code: keyof typeof catalogue, more = {}): void {
  const { status, title } = catalogue[code]
  expect(answer.json).toEqual({
    type: expect.stringContaining(code),
    title,
    status,
    detail: expect.stringMatching(/\.$/),
    code,
    request_id: answer.headers['x-request-id'],
    ...more,
  })
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toBe('application/problem+json')
}

describe('the key of a partner', () => {
  const change = { name: 'Shop' }
  const send = (key: string, body: unknown = change) => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  })

  it('opens what is for partners, and says whose it is; that of an operator says everyone’s', async () => {
    const { call } = await api()
    expect((await call('/shops/shop', send('shop'))).json).toEqual({ own: 'shop' })
    expect((await call('/shops/shop', send('boss'))).json).toEqual({ own: null })
    expectProblem(await call('/shops/shop', send('reader')), 'forbidden')
  })

  it('opens nothing else', async () => {
    const { call, as } = await api()
    expectProblem(await call('/things/shop', as('shop')), 'forbidden')
    expectProblem(await call('/things', send('shop')), 'forbidden')
  })

  it('finds nothing under another partner, whatever it sends there', async () => {
    const { call } = await api()
    for (const body of [change, { wrong: 1 }])
      expectProblem(await call('/shops/other', send('shop', body)), 'not_found')
  })

  it('that says not whose it is opens nothing at all', async () => {
    const { call } = await api()
    expectProblem(await call('/shops/shop', send('nobodys')), 'internal')
  })
})

describe('an endpoint', () => {
  it('answers JSON to who may ask', async () => {
    const { call, as } = await api()
    const { status, headers, json } = await call('/things/a%2Fb?limit=3', as('reader'))
    expect({ status, json }).toEqual({ status: 200, json: { id: 'a/b', limit: 3 } })
    expect(headers['content-type']).toBe('application/json')
    expect(headers['x-request-id']).toMatch(/^req_/)
  })

  it('asks for a key before it looks at anything else', async () => {
    const { call, as } = await api()
    for (const wrong of [{}, as('nobody'), { headers: { authorization: 'Basic eDp5' } }]) {
      const refused = await call('/things/x?limit=nonsense', wrong)
      expectProblem(refused, 'unauthorized')
      expect(refused.headers['www-authenticate']).toBe('Bearer')
    }
    expectProblem(await call('/things', { method: 'POST', body: 'nonsense' }), 'unauthorized')
  })

  it('lets a key do only what its scope allows', async () => {
    const { call, as } = await api()
    expectProblem(await call('/things/x', { method: 'DELETE', ...as('reader') }), 'forbidden')
    const deleted = await call('/things/x', { method: 'DELETE', ...as('boss') })
    expect([deleted.status, deleted.bytes.length]).toEqual([204, 0])
  })

  it('names every member that is wrong', async () => {
    const { call, as, post } = await api()
    const detail = expect.any(String)
    expectProblem(await post('{"size":"1","more":1}'), 'invalid', {
      errors: ['/name', '/size', '/more'].map((pointer) => ({ pointer, detail })),
    })
    expectProblem(await call('/things/x?limit=6&page=2', as('reader')), 'invalid', {
      errors: ['/limit', '/page'].map((pointer) => ({ pointer, detail })),
    })
  })

  it.each([
    ['not JSON', '{"name":', 'json_unreadable'],
    ['nothing', '', 'json_unreadable'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'json_unreadable'],
    ['JSON of another shape', '[]', 'invalid'],
    ['too much', `{"name":"${'x'.repeat(65 * 1024)}"}`, 'body_too_large'],
  ] as const)('refuses a body that is %s', async (_, body, code) => {
    const { post } = await api()
    const refused = await post(body)
    expect([refused.status, refused.json.code]).toEqual([catalogue[code].status, code])
  })

  it.each([
    ['content-type', 'text/plain'],
    ['content-type', 'application/x-www-form-urlencoded'],
    ['content-type', 'application/json; charset=latin1'],
    ['content-encoding', 'gzip'],
  ])('does not take a body whose %s is %s', async (name, value) => {
    const { post } = await api()
    expectProblem(await post('{"name":"a","size":1}', { [name]: value }), 'unsupported_media_type')
  })

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset=UTF-8',
  ])('takes a body whose type is %s', async (type) => {
    const { post } = await api()
    expect((await post('{"name":"a","size":1}', { 'content-type': type })).status).toBe(200)
  })
})

describe('what is not there', () => {
  it('is 404, on the API and beside it', async () => {
    const { url, call, as } = await api()
    expectProblem(await call('/nothing', as('reader')), 'not_found')
    expectProblem(await call('/Things/x', as('reader')), 'not_found')
    expectProblem(await http(`${url}/`), 'not_found')
  })

  it('is 405 with Allow where only the method is another', async () => {
    const { call, as } = await api()
    const refused = await call('/things/x', { method: 'PUT', ...as('boss') })
    expectProblem(refused, 'method_not_allowed')
    expect(refused.headers.allow).toBe('GET, HEAD, DELETE')
    expect((await call('/things', as('boss'))).headers.allow).toBe('POST')
  })

  it('is 400 where the URL cannot be decoded', async () => {
    const { call, as } = await api()
    expectProblem(await call('/things/%E0%A4%A', as('reader')), 'bad_request')
    expectProblem(await call('/things/%', as('reader')), 'bad_request')
  })
})

describe('what goes wrong', () => {
  it('is a refusal where it was expected', async () => {
    const { call } = await api()
    expectProblem(await call('/refused'), 'in_use', { detail: 'Something refers to it.' })
  })

  it('is 500 where it was not, and tells the client nothing but how to find it in the log', async () => {
    const { call, lines } = await api()
    const failed = await call('/broken')
    expectProblem(failed, 'internal')
    expect(`${failed.bytes}`).not.toMatch(/secret|TypeError|\.ts/)
    expect(lines).toContainEqual(
      expect.objectContaining({
        request_id: failed.json.request_id,
        err: expect.objectContaining({ message: expect.stringContaining('secret internals') }),
      }),
    )
  })

  it('is 503 with Retry-After where the database cannot take it', async () => {
    const { call } = await api()
    const failed = await call('/without-database')
    expectProblem(failed, 'unavailable')
    expect(Number(failed.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('is a bare 400 where it never became a request', async () => {
    const { url } = await api()
    expect(await rawHttp(url, 'this is no HTTP\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  })
})

describe('the head of an answer', () => {
  it('does not tell what Giro is made of', async () => {
    const { call, as } = await api()
    const { headers } = await call('/things/x', as('reader'))
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-powered-by']))
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['etag']))
  })

  it('is all there is of an answer to HEAD', async () => {
    const { call, as } = await api()
    const { status, bytes } = await call('/things/x', { method: 'HEAD', ...as('reader') })
    expect([status, bytes.length]).toEqual([200, 0])
  })
})
