import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { paymentIn } from '../support/delivery.ts'
import { type Giro, made, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { openMailServer } from '../support/mail.ts'
import { tamper } from '../support/place.ts'
import { expectProblem } from '../support/problem.ts'
import type { Program } from '../support/program.ts'
import { scriptedMailServer } from '../support/scripted-mail.ts'
import { until } from '../support/until.ts'

const routes = '/partners/partner1/routes'
const email = { notify_method: 'email', contact_path: 'books@partner.example' }

let giro: Giro
let serving: Serving
let processor: Program

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await registerSampleParties(serving.api)
})

describe('the digest of a route', () => {
  it('is said, changed and taken back over the API and over the command line', async () => {
    const create = ['route', 'create', 'partner1', '--method', 'email', '--to', 'a@b.example']
    const { secret: _, ...hourly } = await giro.ask(...create, '--digest', 'hourly')
    expect(hourly.digest).toBe('hourly')
    const path = `${routes}/${hourly.id}`
    expect((await serving.api.get(path)).json).toEqual(hourly)
    expect((await serving.api.patch(path, { digest: 'daily' })).json.digest).toBe('daily')
    expect((await serving.api.patch(path, { enabled: true })).json.digest).toBe('daily')
    const changing = ['route', 'change', 'partner1', hourly.id]
    expect((await giro.ask(...changing, '--digest', 'hourly')).digest).toBe('hourly')
    expect((await giro.ask(...changing, '--no-digest')).digest).toBeNull()
    expect((await serving.api.patch(path, { digest: null })).json.digest).toBeNull()
    await serving.api.delete(path)
  })

  it.each([
    ['of a route by API', { ...email, notify_method: 'api', contact_path: 'https://p.example/' }],
    ['of another interval', { ...email, digest: 'weekly' }],
  ])('%s is refused with 422', async (_, body) => {
    const answer = await serving.api.post(routes, { digest: 'hourly', ...body })
    expectProblem(answer, { status: 422, code: 'invalid', pointers: ['/digest'] })
  })

  it('is refused with 422 when a route by API is changed', async () => {
    const api = { notify_method: 'api', contact_path: 'https://127.0.0.1/' }
    const { id } = await made(serving.api.post(routes, api))
    const answer = await serving.api.patch(`${routes}/${id}`, { digest: 'daily' })
    expectProblem(answer, { status: 422, code: 'invalid', pointers: ['/digest'] })
    await serving.api.delete(`${routes}/${id}`)
  })
})

describe('an address of a route', () => {
  it.each([
    'a@b.example, d@e.example',
    'a@b.example;d@e.example',
    '"x" <y@z.example>',
    'a@b.example\r\nBcc: d@e.example',
    'a@b.example\u2028',
    'a@b.example\0',
    '@b.example',
  ])('that is not one address alone is refused with 422: %j', async (contact_path) => {
    const answer = await serving.api.post(routes, { ...email, contact_path })
    expectProblem(answer, { status: 422, code: 'invalid', pointers: ['/contact_path'] })
  })
})

describe('a partner with a digest', () => {
  it('gets one e-mail for what came in, and the payments are notified', async () => {
    const server = await openMailServer()
    await made(serving.api.post(routes, { ...email, digest: 'daily' }))
    for (let i = 0; i < 3; i += 1) await tell(serving.url, notice({ note: `${i}` }))
    const { data } = (await serving.api.get('/deliveries?status=pending')).json
    expect(data).toHaveLength(3)
    expect(data[0]).toMatchObject({ digest_id: null, due_date: expect.stringMatching(/T00:00:10/) })

    await tamper(giro.place, 'UPDATE deliveries SET due_date = 1')
    processor = await giro.processor({ SMTP_URL: server.url })
    const [mail] = await server.receives(1)
    expect(mail?.email.subject).toMatch(/^3 payments received: 165.00 USD/)
    const told = (await serving.api.get('/deliveries')).json.data
    expect(new Set(told.map((one: { digest_id: string }) => one.digest_id)).size).toBe(1)
    expect(server.mails).toHaveLength(1)
  })
})

describe('a payment processor that is killed while it sends a digest', () => {
  it('leaves it to the next, which sends the same e-mail again', async () => {
    const server = await scriptedMailServer({ sent: null })
    const settings = { SMTP_URL: server.url, DELIVERY_LEASE: '3', DELIVERY_TIMEOUT: '2' }
    await made(serving.api.post('/partners', { account_id: 'killed', name: 'a partner' }))
    await made(serving.api.post('/partners/killed/routes', { ...email, digest: 'hourly' }))
    const ids: string[] = []
    for (let i = 0; i < 3; i += 1) {
      const given = notice({ account_number: 'killed', note: `${i}` })
      ids.push((await tell(serving.url, given)).json.id)
    }
    await processor.end()
    await tamper(giro.place, `UPDATE deliveries SET due_date = 1 WHERE account_id = 'killed'`)
    const killed = await giro.processor(settings)
    await until('the e-mail is under way', () => server.messageIds.length === 1)
    await killed.end('SIGKILL')

    delete server.said.sent
    await giro.processor(settings)
    for (const id of ids) await paymentIn(serving.api, id, 'notified')
    expect(server.messageIds).toHaveLength(2)
    expect(new Set(server.messageIds).size).toBe(1)
    const { data } = (await serving.api.get('/deliveries?account_number=killed')).json
    expect(data).toHaveLength(3)
    for (const one of data) expect(one).toMatchObject({ status: 'delivered', attempt_count: 2 })
  })
})
