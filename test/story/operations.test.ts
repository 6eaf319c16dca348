import { beforeAll, describe, expect, it } from '@jest/globals'
import { eventTypes } from '../../src/event/index.ts'
import { firstNotice, notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { http, type Json, operator } from '../support/http.ts'
import { expectValidOpenApi } from '../support/openapi.ts'
import { expectProblem } from '../support/problem.ts'

let giro: Giro
let serving: Serving

beforeAll(async () => {
  giro = await openGiro({ METRICS_TOKEN: 'count-on-me' })
  serving = await giro.serve()
  await registerSampleParties(serving.api)
})

const operations = [
  'post /africa_bank',
  'post /sms/reports/africas_talking',
  'post /sms/reports/http',
  'post /sms/reports/twilio',
  'get /api/v1/partners',
  'post /api/v1/partners',
  'get /api/v1/partners/{account_id}',
  'patch /api/v1/partners/{account_id}',
  'delete /api/v1/partners/{account_id}',
  'get /api/v1/partners/{account_id}/routes',
  'post /api/v1/partners/{account_id}/routes',
  'get /api/v1/partners/{account_id}/routes/{id}',
  'patch /api/v1/partners/{account_id}/routes/{id}',
  'delete /api/v1/partners/{account_id}/routes/{id}',
  'post /api/v1/partners/{account_id}/routes/{id}/rotate-secret',
  'post /api/v1/partners/{account_id}/routes/{id}/resume',
  'get /api/v1/payers',
  'post /api/v1/payers',
  'get /api/v1/payers/{id}',
  'patch /api/v1/payers/{id}',
  'delete /api/v1/payers/{id}',
  'get /api/v1/payments',
  'get /api/v1/payments/{id}',
  'get /api/v1/proofs',
  'get /api/v1/proofs/{id}',
  'get /api/v1/proofs/{id}/content',
  'get /api/v1/accounts',
  'get /api/v1/accounts/{id}',
  'get /api/v1/deliveries',
  'get /api/v1/deliveries/{id}',
  'post /api/v1/deliveries/{id}/redeliver',
  'get /api/v1/events',
  'get /api/v1/events/stream',
  'post /api/v1/partners/{account_id}/routes/{id}/replay',
  'post /api/v1/partners/{account_id}/routes/{id}/test',
  'get /api/v1/redeliveries',
  'post /api/v1/redeliveries',
  'get /api/v1/redeliveries/{id}',
  'post /api/v1/redeliveries/{id}/cancel',
  'get /api/v1/openapi.json',
]

describe('the description of the API', () => {
  let document: Json

  beforeAll(async () => {
    const answer = await operator(serving.url, null).get('/openapi.json')
    expect(answer.status).toBe(200)
    document = answer.json
  })

  it('is a valid document of OpenAPI 3.1', () => {
    expectValidOpenApi(document)
  })

  it('names every operation, and no other', () => {
    const named = Object.entries<Json>(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    )
    expect(named.toSorted()).toEqual(operations.toSorted())
  })

  it('names the parameters of the lists', () => {
    const { parameters } = document.paths['/api/v1/payments'].get
    const names = parameters.map((one: Json) => one.name)
    expect(names.toSorted()).toEqual([
      'account_number',
      'after',
      'bank',
      'from',
      'limit',
      'reference_number',
      'status',
      'to',
    ])
  })

  it('says what an event is, what can happen, and that it can be heard as a stream', () => {
    const { Event: event, EventType: type } = document.components.schemas
    expect(Object.keys(event.properties)).toEqual(['id', 'seq', 'type', 'subject', 'time', 'data'])
    for (const [name, meaning] of Object.entries(eventTypes)) {
      expect(type.enum).toContain(name)
      expect(type.description).toContain(`\`${name}\`: ${meaning}`)
    }
    const { parameters, responses } = document.paths['/api/v1/events/stream'].get
    const places = parameters.map((one: Json) => `${one.in} ${one.name}`)
    expect(places.toSorted()).toEqual(['header last-event-id', 'query after', 'query type'])
    expect(Object.keys(responses['200'].content)).toEqual(['text/event-stream'])
  })

  it('says of every operation how it refuses, as problem details', () => {
    for (const operation of operations) {
      const [method = '', path = ''] = operation.split(' ')
      const { responses } = document.paths[path][method]
      const refusals = Object.entries<Json>(responses).filter(([status]) => Number(status) >= 400)
      expect(refusals.length).toBeGreaterThan(0)
      for (const [, { content }] of refusals)
        expect(Object.keys(content)).toEqual(['application/problem+json'])
    }
  })

  it('describes every status that a notice can be answered with', () => {
    const { responses } = document.paths['/africa_bank'].post
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['201', '400', '401', '408', '409', '413', '415', '422', '503']),
    )
  })
})

describe('what machines ask', () => {
  it.each(['/healthz', '/readyz'])('%s is answered 200 to anybody', async (path) => {
    expect((await http(`${serving.url}${path}`)).status).toBe(200)
    const answer = await http(`${serving.url}${path}`, { method: 'POST' })
    expectProblem(answer, { status: 405, code: 'method_not_allowed' })
    expect(answer.headers.allow).toBe('GET, HEAD')
  })

  it('/metrics is answered 401 without the METRICS_TOKEN', async () => {
    for (const authorization of ['', 'Bearer nope', `Bearer ${giro.key}`]) {
      const answer = await http(`${serving.url}/metrics`, { headers: { authorization } })
      expectProblem(answer, { status: 401, code: 'unauthorized' })
    }
  })
})

describe('/metrics', () => {
  async function metrics(): Promise<string> {
    const headers = { authorization: 'Bearer count-on-me' }
    const answer = await http(`${serving.url}/metrics`, { headers })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    return answer.bytes.toString()
  }

  /** The value of the only line of a name with these labels. */
  function sampleOf(text: string, name: string, labels = ''): number {
    const lines = text.split('\n').filter((line) => line.startsWith(`${name}${labels} `))
    expect(lines).toHaveLength(1)
    return Number(lines[0]?.split(' ').at(-1))
  }

  it('counts notices by bank and outcome', async () => {
    await tell(serving.url, firstNotice)
    await tell(serving.url, notice({ amount: '-1' }))
    await tell(serving.url, notice({ amount: '-1' }))
    await tell(serving.url, 'not JSON')
    const text = await metrics()
    const count = (outcome: string) =>
      sampleOf(text, 'giro_notices_total', `{bank="africa_bank",outcome="${outcome}"}`)
    expect([count('accepted'), count('refused'), count('unreadable')]).toEqual([1, 2, 1])
  })

  it('has the latency of intake as a histogram', async () => {
    const text = await metrics()
    expect(sampleOf(text, 'giro_intake_seconds_count')).toBe(4)
    expect(sampleOf(text, 'giro_intake_seconds_bucket', '{le="+Inf"}')).toBe(4)
  })

  it('has the size of the spool, the due deliveries and the age of the oldest', async () => {
    const { api } = serving
    await api.post('/partners', { account_id: 'shop', name: 'Shop' })
    const route = { notify_method: 'api', contact_path: 'http://127.0.0.1:9/' }
    await api.post('/partners/shop/routes', route)
    expect(sampleOf(await metrics(), 'giro_deliveries_due')).toBe(0)
    await tell(serving.url, notice({ account_number: 'shop' }))
    const text = await metrics()
    expect(sampleOf(text, 'giro_deliveries_due')).toBe(1)
    expect(sampleOf(text, 'giro_delivery_oldest_due_seconds')).toBeGreaterThanOrEqual(0)
    expect(sampleOf(text, 'giro_spool_proofs')).toBe(5)
    expect(sampleOf(text, 'giro_spool_bytes')).toBeGreaterThan(5 * 8)
    await expectBooksToBalance(giro)
  })
})

describe('serve alone', () => {
  it('neither delivers nor archives', async () => {
    const { json } = await serving.api.get('/deliveries')
    expect(json.data).toMatchObject([{ status: 'pending', attempt_count: 0 }])
  })

  it('logs a line of JSON for each step, with the request’s id', async () => {
    const answer = await tell(serving.url, firstNotice)
    const requestId = answer.headers['x-request-id']
    expect(requestId).toMatch(/^req_/)
    const line = serving.logs().find((one) => one.request_id === requestId)
    expect(line).toMatchObject({ level: 30, msg: 'notice heard', bank: 'africa_bank' })
  })
})
