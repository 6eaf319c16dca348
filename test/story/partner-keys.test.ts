import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { allNumbered } from '../support/event.ts'
import { listenTo } from '../support/event-stream.ts'
import { addRoute, type Giro, made, openGiro, type Serving } from '../support/giro.ts'
import { type Answer, everything, type Json, type Operator, operator } from '../support/http.ts'
import { type Heard, openPartner } from '../support/partner.ts'
import { query } from '../support/place.ts'
import { expectProblem } from '../support/problem.ts'
import { until } from '../support/until.ts'

const prefix = '/api/v1'

/** What there is of a partner, by the names that paths have for it. */
type Owned = {
  account_id: string
  key: string
  payments: string[]
  deliveries: string[]
  route: Json
  redelivery: string
  heard: Heard[]
}

let giro: Giro
let serving: Serving
let alpha: Owned
let beta: Owned
let own: Operator
/** The operations by `get /path`, with what the description says of each. */
let operations: Map<string, Json>

const paid = 3

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await giro.processor()
  await made(serving.api.post('/payers', { id: 'payer1', name: 'A payer' }))
  alpha = await registered('alpha-ltd')
  beta = await registered('beta-gmbh')
  own = operator(serving.url, alpha.key)
  const { json } = await own.get('/openapi.json')
  // The doors of banks and of providers of SMS know no keys.
  const ofKeys = Object.entries<Json>(json.paths).filter(([path]) => path.startsWith(prefix))
  operations = new Map(
    ofKeys.flatMap(([path, item]) =>
      Object.entries<Json>(item).map(([method, one]): [string, Json] => [
        `${method} ${path.slice(prefix.length)}`,
        one,
      ]),
    ),
  )
  operations.delete('get /openapi.json')
}, 120_000)

async function registered(account_id: string): Promise<Owned> {
  const { api } = serving
  await made(api.post('/partners', { account_id, name: account_id }))
  const { url, heard } = await openPartner()
  const route = await addRoute(api, `${url}/${account_id}`, { account: account_id })
  const create = ['key', 'create', '--name', account_id, '--scope', 'partner']
  const { key } = await giro.ask(...create, '--partner', account_id)
  for (let i = 0; i < paid; i += 1)
    await tell(serving.url, notice({ account_number: account_id, note: `${i}` }))
  await allDelivered()
  const { json } = await api.post('/redeliveries', { account_number: account_id })
  await isDone(json.id)
  const idsOf = async (path: string) =>
    (await everything(api, `${path}?account_number=${account_id}`)).map(({ id }) => id)
  const [payments, deliveries] = [await idsOf('/payments'), await idsOf('/deliveries')]
  return { account_id, key, payments, deliveries, route, redelivery: json.id, heard }
}

async function allDelivered(): Promise<void> {
  await until('all is delivered', async () => {
    const open = await query(giro.place, 'SELECT 1 FROM deliveries WHERE finish_date IS NULL')
    return open.length === 0
  })
  await allNumbered(giro.place)
}

async function isDone(id: string): Promise<void> {
  await until('the redelivery is done', async () => {
    const { json } = await serving.api.get(`/redeliveries/${id}`)
    return json.status === 'done'
  })
  await allDelivered()
}

/** What a partner may do, and what its id in the path is. Nothing else is open to it. */
const open: Record<string, (of: Owned) => string> = {
  'get /payments': () => '',
  'get /payments/{id}': ({ payments }) => payments[0] ?? '',
  'get /deliveries': () => '',
  'get /deliveries/{id}': ({ deliveries }) => deliveries[0] ?? '',
  'post /deliveries/{id}/redeliver': ({ deliveries }) => deliveries[0] ?? '',
  'get /events': () => '',
  'get /events/stream': () => '',
  'get /partners/{account_id}/routes': () => '',
  'get /partners/{account_id}/routes/{id}': ({ route }) => route.id,
  'post /partners/{account_id}/routes/{id}/rotate-secret': ({ route }) => route.id,
  'get /redeliveries': () => '',
  'post /redeliveries': () => '',
  'get /redeliveries/{id}': ({ redelivery }) => redelivery,
}

const nobody: Owned = {
  account_id: 'nobody',
  key: '',
  payments: ['pay_unknown'],
  deliveries: ['dlv_unknown'],
  route: { id: 'rte_unknown' },
  redelivery: 'rdl_unknown',
  heard: [],
}

const byId = Object.entries(open).filter(([name]) => name.includes('{'))
const lists = ['/payments', '/deliveries', '/events', '/redeliveries']

/** Does it with the key of alpha to what is somebody's. */
function asked(name: string, id: string, account: string): Promise<Answer> {
  const [method, path = ''] = name.split(' ')
  const at = path.replace('{account_id}', account).replace('{id}', id)
  return method === 'get' ? own.get(at) : own[method as 'post'](at, {})
}

/** An answer without what differs between two requests for things of other names. */
function bare({ status, json }: Answer, { account_id }: Owned, id: string): Json {
  const text = JSON.stringify({ ...json, request_id: '' })
  return { status, text: text.replaceAll(account_id, 'ACCOUNT').replaceAll(id || '\0', 'ID') }
}

/** All by which beta could be known, in what alpha is answered. */
function tracesOfBeta(text: string): string[] {
  const { account_id, payments, deliveries, route, redelivery } = beta
  const known = [account_id, ...payments, ...deliveries, route.id, redelivery]
  return known.filter((one) => text.includes(one))
}

describe('the key of a partner', () => {
  it('may do what the description says, and the description says what is open', () => {
    const said = [...operations].filter(([, { description }]) => /scope partner/.test(description))
    expect(said.map(([name]) => name).toSorted()).toEqual(Object.keys(open).toSorted())
  })

  it('is refused with 403 whatever else there is, whosever it is', async () => {
    const closed = [...operations.keys()].filter((name) => !(name in open))
    expect(closed.length).toBeGreaterThan(20)
    for (const name of closed)
      for (const { account_id, payments, deliveries, route } of [alpha, beta, nobody])
        for (const id of [payments[0], deliveries[0], route.id, account_id])
          expectProblem(await asked(name, id, account_id), { status: 403, code: 'forbidden' })
  })

  it.each(byId)('finds what is its own, and of others nothing: %s', async (name, idOf) => {
    const mine = await asked(name, idOf(alpha), alpha.account_id)
    expect(mine.status).toBeLessThan(300)
    expect(tracesOfBeta(mine.bytes.toString())).toEqual([])
    await allDelivered()
    const theirs = await asked(name, idOf(beta), beta.account_id)
    expectProblem(theirs, { status: 404, code: 'not_found' })
    // Nor can it be told from what nobody has.
    const none = await asked(name, idOf(nobody), nobody.account_id)
    expect(bare(theirs, beta, idOf(beta))).toEqual(bare(none, nobody, idOf(nobody)))
    if (!name.includes('{account_id}')) return
    const mixed = await asked(name, beta.route.id, alpha.account_id)
    const unknown = await asked(name, nobody.route.id, alpha.account_id)
    if (name.includes('{id}'))
      expect(bare(mixed, alpha, beta.route.id)).toEqual(bare(unknown, alpha, nobody.route.id))
  })

  it.each(lists)('lists all that is its own, and of others nothing: %s', async (path) => {
    const listed: Json[] = []
    for (let after = ''; ; ) {
      const page = await own.get(`${path}?limit=2${after}`)
      expect(page.status).toBe(200)
      listed.push(...page.json.data)
      if (page.json.next === null || page.json.data.length === 0) break
      after = `&after=${page.json.next}`
    }
    expect(tracesOfBeta(JSON.stringify(listed))).toEqual([])
    const ids = listed.map(({ id }) => id)
    const all: Record<string, string[]> = {
      '/payments': alpha.payments,
      '/deliveries': alpha.deliveries,
      '/redeliveries': [alpha.redelivery],
      '/events': (await everyEvent()).filter(isOfAlpha).map(({ id }) => id),
    }
    expect(ids).toEqual(all[path])
    expect(ids.length).toBeGreaterThan(0)
  })

  it('finds nothing by the name of another partner', async () => {
    for (const path of ['/payments', '/deliveries'])
      for (const name of [beta.account_id, 'nobody']) {
        const { status, json } = await own.get(`${path}?account_number=${name}`)
        expect([status, json.data]).toEqual([200, []])
      }
    const replies = await Promise.all(
      [beta, nobody].map(async (one) => {
        const body = { account_number: one.account_id, dry_run: true }
        return bare(await own.post('/redeliveries', body), one, '')
      }),
    )
    expect(replies[0]).toMatchObject({ status: 404 })
    expect(replies[0]).toEqual(replies[1])
    const routes = await Promise.all(
      [beta, nobody].map(async (one) => {
        const body = { route_id: one.route.id, dry_run: true }
        return bare(await own.post('/redeliveries', body), one, one.route.id)
      }),
    )
    expect(routes[0]).toMatchObject({ status: 404 })
    expect(routes[0]).toEqual(routes[1])
  })

  it('shows of a payment its whole way to the partner, and not the bank’s notice', async () => {
    const { json } = await own.get(`/payments/${alpha.payments[0]}`)
    const all = (await serving.api.get(`/payments/${alpha.payments[0]}`)).json
    expect(json).toMatchObject({ proof_sha256: all.proof.sha256, deliveries: all.deliveries })
    for (const name of ['proof', 'transfer', 'bank_transaction_id'])
      expect(json).not.toHaveProperty(name)
    expect(all).toMatchObject({ proof: {}, transfer: {} })
  })
})

/** Every event, as an operator sees them. */
async function everyEvent(): Promise<Json[]> {
  const all: Json[] = []
  for (let after = ''; ; ) {
    const { json } = await serving.api.get(`/events?limit=500${after}`)
    if (json.data.length === 0) return all
    all.push(...json.data)
    after = `&after=${json.next}`
  }
}

function isOfAlpha({ type, subject, data }: Json): boolean {
  if (/^(route|lane)\./.test(type)) return data.account_id === alpha.account_id
  return [...alpha.payments, ...alpha.deliveries].includes(subject)
}

describe('a partner that follows the events', () => {
  it('has the body of each webhook it was sent, under the webhook’s id', async () => {
    const { json } = await own.get('/events?type=payment.received')
    const told = new Map(
      json.data.map(({ id, type, time: timestamp, data }: Json) => [id, { type, timestamp, data }]),
    )
    const sent = alpha.heard.map(({ headers, body }): [string, Json] => [
      `${headers['webhook-id']}`,
      JSON.parse(`${body}`),
    ])
    expect(told).toEqual(new Map(sent))
    expect(told.size).toBe(paid)
  })

  it('is shown no type that is not its own, though it asks for it', async () => {
    for (const type of ['key.created', 'partner.created', 'redelivery.started', 'payer.created']) {
      const { status, json } = await own.get(`/events?type=${type}`)
      expect([status, json.data]).toEqual([200, []])
    }
  })

  it('waits past what happens to others, until something happens to it', async () => {
    const { json: end } = await own.get('/events?limit=500')
    const waiting = own.get(`/events?after=${end.next}&wait=30&type=payment.received`)
    await tell(serving.url, notice({ account_number: beta.account_id, note: 'others' }))
    await tell(serving.url, notice({ account_number: alpha.account_id, note: 'own' }))
    const { json } = await waiting
    expect(json.data.map(({ data }: Json) => data.payment.account_number)).toEqual([
      alpha.account_id,
    ])
    await allDelivered()
  })

  it('hears the same from the stream, and has ten of them at most', async () => {
    const headers = { authorization: `Bearer ${alpha.key}` }
    const url = `${serving.url}/api/v1/events/stream`
    const streams = await Promise.all(Array.from({ length: 10 }, () => listenTo(url, headers)))
    expect((await listenTo(url, headers)).status).toBe(503)
    const betas = await listenTo(url, { authorization: `Bearer ${beta.key}` })
    expect(betas.status).toBe(200)
    await tell(serving.url, notice({ account_number: beta.account_id, note: 'theirs' }))
    await betas.hears(1)
    await tell(serving.url, notice({ account_number: alpha.account_id, note: 'mine' }))
    for (const { hears } of streams) {
      const [first] = await hears(1)
      expect(first?.data.data.payment.account_number).toBe(alpha.account_id)
    }
    for (const { leave } of [...streams, betas]) leave()
    await allDelivered()
  })
})

describe('a redelivery that a partner asks for', () => {
  it('is of its own deliveries, and one at a time', async () => {
    const before = await query(giro.place, 'SELECT count(*) AS count FROM attempts')
    const answers = await Promise.all([1, 2, 3].map(() => own.post('/redeliveries', {})))
    const started = answers.filter(({ status }) => status === 202)
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409])
    const { id, account_number } = started[0]?.json ?? {}
    expect(account_number).toBe(alpha.account_id)
    await isDone(id)
    const { json } = await own.get(`/redeliveries/${id}`)
    const deliveries = await everything(own, '/deliveries')
    expect(json.redelivered).toBe(deliveries.length)
    const after = await query(giro.place, 'SELECT count(*) AS count FROM attempts')
    expect(Number(after[0]?.count) - Number(before[0]?.count)).toBe(deliveries.length)
  })
})

describe('keys and their partners', () => {
  it('go together, and another partner of that account has none of them', async () => {
    const { api } = serving
    const gamma = { account_id: 'gamma', name: 'Gamma' }
    await made(api.post('/partners', gamma))
    const create = ['key', 'create', '--name', 'g', '--scope', 'partner', '--partner', 'gamma']
    const { key } = await giro.ask(...create)
    const theirs = operator(serving.url, key)
    expect((await theirs.get('/payments')).status).toBe(200)
    await api.delete('/partners/gamma')
    expectProblem(await theirs.get('/payments'), { status: 401, code: 'unauthorized' })
    await made(api.post('/partners', gamma))
    expectProblem(await theirs.get('/payments'), { status: 401, code: 'unauthorized' })
    const listed = await giro.ask('key', 'list')
    expect(listed[0]).toMatchObject({ scope: 'partner', account_id: 'gamma' })
    expect(listed[0].revoke_date).not.toBeNull()
  })

  it('end together with the stream that was asked for with the key', async () => {
    const create = ['key', 'create', '--name', 'g', '--scope', 'partner']
    const { id, key } = await giro.ask(...create, '--partner', alpha.account_id)
    const headers = { authorization: `Bearer ${key}` }
    const stream = await listenTo(`${serving.url}/api/v1/events/stream`, headers)
    await giro.manage('key', 'revoke', id)
    await tell(serving.url, notice({ account_number: alpha.account_id, note: 'too late' }))
    await stream.over
    expect(stream.heard).toEqual([])
  })

  it.each([
    [['--scope', 'partner'], /account_id/],
    [['--scope', 'read', '--partner', 'alpha-ltd'], /account_id/],
    [['--scope', 'partner', '--partner', 'nobody'], /no partner nobody/],
  ])('are not made one without the other: %j', async (options, why) => {
    const { code, stderr } = await giro.manage('key', 'create', '--name', 'x', ...options)
    expect(code).toBe(1)
    expect(stderr).toMatch(why)
  })
})
