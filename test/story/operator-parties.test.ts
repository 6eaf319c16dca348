import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import { http, type Operator, operator } from '../support/http.ts'
import { query } from '../support/place.ts'
import { expectProblem } from '../support/problem.ts'

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

let giro: Giro
let serving: Serving
let api: Operator

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  api = serving.api
  await registerSampleParties(api)
})

const notFound = { status: 404, code: 'not_found' }

describe('a payer', () => {
  it('is created, read, changed and deleted', async () => {
    const created = await api.post('/payers', { id: 'ann', name: 'Ann' })
    expect(created.status).toBe(201)
    expect(created.headers['content-type']).toBe('application/json')
    expect(created.json).toEqual({ id: 'ann', name: 'Ann', create_date: isoTime })

    expect((await api.get('/payers/ann')).json).toEqual(created.json)
    const changed = await api.patch('/payers/ann', { name: 'Anna' })
    expect(changed.status).toBe(200)
    expect(changed.json).toEqual({ ...created.json, name: 'Anna' })
    expect((await api.get('/payers/ann')).json).toEqual(changed.json)

    const deleted = await api.delete('/payers/ann')
    expect({ status: deleted.status, body: `${deleted.bytes}` }).toEqual({ status: 204, body: '' })
    expectProblem(await api.get('/payers/ann'), notFound)
  })

  it('may have an id that a URL has to encode', async () => {
    const id = 'ä/b c?d#e%2F😀'
    expect((await api.post('/payers', { id, name: 'Odd' })).status).toBe(201)
    expect((await api.get(`/payers/${encodeURIComponent(id)}`)).json.id).toBe(id)
    expect((await api.delete(`/payers/${encodeURIComponent(id)}`)).status).toBe(204)
  })

  it('is not created twice: 409 already_exists, and the first one stays', async () => {
    const answer = await api.post('/payers', { id: 'payer1', name: 'Another' })
    expectProblem(answer, { status: 409, code: 'already_exists' })
    expect((await api.get('/payers/payer1')).json.name).toBe('Sample payer')
  })

  it('is not deleted once a payment names it: 409 in_use', async () => {
    expect((await tell(serving.url, firstNotice)).status).toBe(201)
    expectProblem(await api.delete('/payers/payer1'), { status: 409, code: 'in_use' })
    expect((await api.get('/payers/payer1')).status).toBe(200)
  })

  it('that is not there is 404 for every method', async () => {
    expectProblem(await api.get('/payers/nobody'), notFound)
    expectProblem(await api.patch('/payers/nobody', { name: 'N' }), notFound)
    expectProblem(await api.delete('/payers/nobody'), notFound)
  })

  it.each([
    ['/id', { name: 'No id' }],
    ['/id', { id: '', name: 'Empty' }],
    ['/id', { id: 'x'.repeat(256), name: 'Long' }],
    ['/id', { id: 'a\u0000b', name: 'NUL' }],
    ['/id', { id: '\ud800', name: 'Half' }],
    ['/id', { id: 7, name: 'Number' }],
    ['/name', { id: 'x' }],
    ['/name', { id: 'x', name: '' }],
    ['/name', { id: 'x', name: 'x'.repeat(256) }],
    ['', []],
    ['', 'payer'],
  ])('is refused with 422 and the pointer "%s"', async (pointer, body) => {
    const answer = await api.post('/payers', body)
    expectProblem(answer, { status: 422, code: 'invalid', pointers: [pointer] })
  })
})

describe('a partner', () => {
  it('is created, read, changed and deleted', async () => {
    const created = await api.post('/partners', { account_id: 'shop', name: 'Shop' })
    expect(created.status).toBe(201)
    expect(created.json).toEqual({
      account_id: 'shop',
      name: 'Shop',
      contact_email: null,
      create_date: isoTime,
      routes: [],
    })
    expect((await api.patch('/partners/shop', { name: 'Store' })).json.name).toBe('Store')
    const { secret: _, ...route } = await addRoute(api, 'https://shop.example/', {
      account: 'shop',
    })
    expect((await api.get('/partners/shop')).json).toEqual({
      ...created.json,
      name: 'Store',
      routes: [route],
    })
    expect((await api.delete('/partners/shop')).status).toBe(204)
    expectProblem(await api.get('/partners/shop'), notFound)
    expectProblem(await api.get('/partners/shop/routes'), notFound)
  })

  it('has a contact, or none', async () => {
    const someone = { account_id: 'inn', name: 'Inn', contact_email: 'ops@inn.example' }
    const { json: inn } = await api.post('/partners', someone)
    expect(inn).toMatchObject(someone)
    expect((await api.patch('/partners/inn', { name: 'The inn' })).json).toEqual({
      ...inn,
      name: 'The inn',
    })
    const gone = await api.patch('/partners/inn', { contact_email: null })
    expect(gone.json).toEqual({ ...inn, name: 'The inn', contact_email: null })
    const told = await giro.ask('partner', 'change', 'inn', '--contact-email', 'a@inn.example')
    expect(told).toMatchObject({ name: 'The inn', contact_email: 'a@inn.example' })
    expect(await giro.ask('partner', 'change', 'inn', '--no-contact-email')).toMatchObject({
      contact_email: null,
    })
  })

  it.each(['nobody', 'a@b.example, c@d.example', '"Ann" <a@b.example>', 'a@b.example\r\nBcc: c@d'])(
    'does not have %j for a contact: 422',
    async (contact_email) => {
      const answer = await api.patch('/partners/partner1', { contact_email })
      expectProblem(answer, { status: 422, code: 'invalid', pointers: ['/contact_email'] })
    },
  )

  it('is not created twice, and not deleted once a payment names it', async () => {
    const again = await api.post('/partners', { account_id: 'partner1', name: 'Again' })
    expectProblem(again, { status: 409, code: 'already_exists' })
    expectProblem(await api.delete('/partners/partner1'), { status: 409, code: 'in_use' })
  })

  it('that is not there is 404 for every method', async () => {
    expectProblem(await api.get('/partners/nobody'), notFound)
    expectProblem(await api.patch('/partners/nobody', { name: 'N' }), notFound)
    expectProblem(await api.delete('/partners/nobody'), notFound)
    const route = { notify_method: 'api', contact_path: 'https://nobody.example/' }
    expectProblem(await api.post('/partners/nobody/routes', route), notFound)
  })
})

describe('a route', () => {
  it('is created, read, listed, changed and deleted', async () => {
    const created = await addRoute(api, 'https://partner.example/hook')
    const { secret, ...route } = created
    expect(route).toEqual({
      id: expect.stringMatching(/^rte_/),
      account_id: 'partner1',
      notify_method: 'api',
      contact_path: 'https://partner.example/hook',
      enabled: true,
      signature: 'v1',
      header_names: [],
      ordering: 'none',
      auth: null,
      client_certificate: null,
      public_key: null,
      digest: null,
      concurrency: 8,
      time_limit: null,
      rate_limit: null,
      schedule: null,
      lane: { state: 'closed', until: null, failures: 0, failing_since: null, reason: null },
      create_date: isoTime,
    })
    const path = `/partners/partner1/routes/${route.id}`
    expect((await api.get(path)).json).toEqual(route)
    expect((await api.get('/partners/partner1/routes')).json).toEqual({ data: [route], next: null })
    const changed = await api.patch(path, { contact_path: 'https://partner.example/new' })
    expect(changed.json).toEqual({ ...route, contact_path: 'https://partner.example/new' })
    expect((await api.delete(path)).status).toBe(204)
    expectProblem(await api.get(path), notFound)
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  })

  it('shows its secret once, and neither folder nor tables hold it in clear', async () => {
    const { id, secret } = await addRoute(api, 'https://secret.example/')
    for (const path of ['/partners', '/partners/partner1', `/partners/partner1/routes/${id}`])
      expect((await api.get(path)).bytes.toString()).not.toContain('secret":')
    const base64 = secret.slice('whsec_'.length)
    const tables = ['routes', 'events', 'api_keys'].map((name) => rowsOf(name))
    const kept = Buffer.concat([bytesUnder(giro.dataDir), ...(await Promise.all(tables))])
    expect(kept.includes('https://secret.example/')).toBe(true)
    expect(kept.includes(base64)).toBe(false)
    expect(kept.includes(Buffer.from(base64, 'base64'))).toBe(false)
    expect(kept.includes(giro.key)).toBe(false)
    expect((await api.delete(`/partners/partner1/routes/${id}`)).status).toBe(204)
  })

  it('with a key pair always shows the public key, and never the private one', async () => {
    const path = '/partners/partner1/routes'
    const asked = { notify_method: 'api', contact_path: 'https://p.example/', signature: 'v1a' }
    const { status, json } = await api.post(path, asked)
    const publicKey = expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/)
    expect([status, json]).toMatchObject([201, { signature: 'v1a', public_key: publicKey }])
    expect(json.secret).toBeNull()
    expect((await api.get(`${path}/${json.id}`)).json).toMatchObject({
      public_key: json.public_key,
    })
    const rotated = (await api.post(`${path}/${json.id}/rotate-secret`, {})).json
    expect(rotated).toMatchObject({ signature: 'v1a', public_key: publicKey, secret: null })
    expect(rotated.public_key).not.toBe(json.public_key)
    expect((await api.delete(`${path}/${json.id}`)).status).toBe(204)
  })

  it.each([
    { notify_method: 'email', contact_path: 'till@shop.example', signature: 'v1' },
    { notify_method: 'api', contact_path: 'https://p.example/', signature: 'v2' },
  ])('has no other signature than its method and the specification know: %j', async (body) => {
    const answer = await api.post('/partners/partner1/routes', body)
    expectProblem(answer, { status: 422, code: 'invalid', pointers: ['/signature'] })
  })

  it('is not found under another partner', async () => {
    await api.post('/partners', { account_id: 'other', name: 'Other' })
    const { id } = await addRoute(api, 'https://other.example/', { account: 'other' })
    expectProblem(await api.get(`/partners/partner1/routes/${id}`), notFound)
    expectProblem(await api.delete(`/partners/partner1/routes/${id}`), notFound)
  })

  it('is not deleted once a payment was to be told on it: 409 in_use', async () => {
    const { id } = await addRoute(api, 'https://used.example/')
    expect((await tell(serving.url, firstNotice)).status).toBe(201)
    const path = `/partners/partner1/routes/${id}`
    expectProblem(await api.delete(path), { status: 409, code: 'in_use' })
    expect((await api.patch(path, { enabled: false })).json.enabled).toBe(false)
  })
})

describe('where a route leads', () => {
  it.each([
    ['/contact_path', 'api', 'https://user:password@host.example/'],
    ['/contact_path', 'api', 'https://user@host.example/'],
    ['/contact_path', 'api', 'http://:password@host.example/'],
    ['/contact_path', 'api', 'ftp://host.example/'],
    ['/contact_path', 'api', 'file:///etc/passwd'],
    ['/contact_path', 'api', 'host.example'],
    ['/contact_path', 'api', 'till@shop.example'],
    ['/contact_path', 'email', 'https://host.example/'],
    ['/contact_path', 'email', 'no-address'],
    ['/contact_path', 'email', 'a@shop.example, b@shop.example'],
    ['/contact_path', 'email', 'a@shop.example\r\nBcc: b@shop.example'],
    ['/contact_path', 'email', 'A <a@shop.example>'],
    ['/notify_method', 'fax', '+4912345'],
    ['/contact_path', 'sms', '+4912345'],
    ['/contact_path', 'sms', '4912345678'],
    ['/notify_method', '', 'https://host.example/'],
  ])('is refused with 422 and %s for %s to %j', async (pointer, notify_method, contact_path) => {
    const answer = await api.post('/partners/partner1/routes', { notify_method, contact_path })
    expectProblem(answer, { status: 422, code: 'invalid', pointers: [pointer] })
  })

  it('cannot be changed into one with credentials', async () => {
    const { id } = await addRoute(api, 'https://change.example/')
    const answer = await api.patch(`/partners/partner1/routes/${id}`, {
      contact_path: 'https://u:p@change.example/',
    })
    expectProblem(answer, { status: 422, code: 'invalid', pointers: ['/contact_path'] })
    expect(answer.bytes.toString()).not.toContain('u:p@')
  })
})

describe('an API key', () => {
  const writes: [string, string, unknown][] = [
    ['post', '/payers', { id: 'x', name: 'X' }],
    ['patch', '/payers/payer1', { name: 'X' }],
    ['delete', '/payers/payer1', undefined],
    ['post', '/partners', { account_id: 'x', name: 'X' }],
    ['patch', '/partners/partner1', { name: 'X' }],
    ['delete', '/partners/partner1', undefined],
    ['post', '/partners/partner1/routes', { notify_method: 'api', contact_path: 'http://x/' }],
    ['act', '/deliveries/dlv_x/redeliver', undefined],
    ['post', '/redeliveries', { status: 'failed' }],
    ['act', '/redeliveries/rdl_x/cancel', undefined],
    ['post', '/partners/partner1/routes/rte_x/replay', {}],
    ['act', '/partners/partner1/routes/rte_x/test', undefined],
  ]
  const reads = [
    '/payers',
    '/partners',
    '/payments',
    '/proofs',
    '/accounts',
    '/deliveries',
    '/redeliveries',
  ]
  const call = (by: Operator, method: string, path: string, body: unknown) =>
    by[method as 'post'](path, body)

  it('of the scope read may read everything and change nothing: 403', async () => {
    const { key } = await giro.ask('key', 'create', '--name', 'reader', '--scope', 'read')
    const reader = operator(serving.url, key)
    for (const path of reads) expect((await reader.get(path)).status).toBe(200)
    for (const [method, path, body] of writes) {
      const answer = await call(reader, method, path, body)
      expectProblem(answer, { status: 403, code: 'forbidden' })
    }
    expect((await api.get('/payers/payer1')).json.name).toBe('Sample payer')
  })

  it.each([
    ['is missing', null],
    ['is unknown', 'giro_nobody'],
    ['is empty', ''],
  ])('that %s is answered 401 everywhere', async (_why, key) => {
    const stranger = operator(serving.url, key)
    for (const path of reads) {
      const answer = await stranger.get(path)
      expectProblem(answer, { status: 401, code: 'unauthorized' })
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
    for (const [method, path, body] of writes)
      expect((await call(stranger, method, path, body)).status).toBe(401)
  })

  it('that was revoked is answered 401 from then on', async () => {
    const { id, key } = await giro.ask('key', 'create', '--name', 'guest', '--scope', 'admin')
    const guest = operator(serving.url, key)
    expect((await guest.get('/payers')).status).toBe(200)
    expect((await giro.manage('key', 'revoke', id)).code).toBe(0)
    expectProblem(await guest.get('/payers'), { status: 401, code: 'unauthorized' })
  })
})

describe('a request that is not what it should be', () => {
  const headers = () => ({ authorization: `Bearer ${giro.key}` })

  it.each<[number, string, string, string]>([
    [400, 'json_unreadable', 'application/json', '{"id":'],
    [415, 'unsupported_media_type', 'text/plain', '{"id":"x","name":"X"}'],
    [413, 'body_too_large', 'application/json', ' '.repeat(2 * 1024 * 1024)],
  ])('is answered %d %s', async (status, code, type, body) => {
    const answer = await http(`${serving.url}/api/v1/payers`, {
      method: 'POST',
      headers: { ...headers(), 'content-type': type },
      body,
    })
    expectProblem(answer, { status, code })
  })

  it.each([
    ['PUT', '/payers', 'GET, HEAD, POST'],
    ['DELETE', '/payers', 'GET, HEAD, POST'],
    ['POST', '/payers/payer1', 'GET, HEAD, PATCH, DELETE'],
    ['POST', '/payments', 'GET, HEAD'],
    ['GET', '/deliveries/dlv_x/redeliver', 'POST'],
  ])('is answered 405 with Allow for %s %s', async (method, path, allow) => {
    const url = `${serving.url}/api/v1${path}`
    const answer = await http(url, { method, headers: headers() })
    expectProblem(answer, { status: 405, code: 'method_not_allowed' })
    expect(answer.headers.allow).toBe(allow)
  })

  it('is answered 404 under a path that is not there, and 400 under one that is none', async () => {
    expectProblem(await api.get('/nothing'), notFound)
    expectProblem(await api.get('/payers/%ff'), { status: 400, code: 'bad_request' })
  })
})

describe('after all this', () => {
  it('the books balance, and no fault was logged', async () => {
    await expectBooksToBalance(giro)
    expect(serving.logs().filter(({ level }) => Number(level) >= 50)).toEqual([])
  })
})

function bytesUnder(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Buffer.concat(
    files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name))),
  )
}

async function rowsOf(table: string): Promise<Buffer> {
  const rows = await query(giro.place, `SELECT * FROM ${table}`)
  return Buffer.from(JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? '' : value)))
}
