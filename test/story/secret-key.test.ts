import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { paymentIn } from '../support/delivery.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import type { Json } from '../support/http.ts'
import { openPartner, type Partner, verified } from '../support/partner.ts'
import { query, tamper } from '../support/place.ts'
import { expectProblem } from '../support/problem.ts'
import { type Program, runManage } from '../support/program.ts'
import { pem } from '../support/tls.ts'
import { until } from '../support/until.ts'

const newKey = randomBytes(32).toString('hex')

let giro: Giro
let serving: Serving
let processor: Program
let partner: Partner
let route: Json
let secrets: string[]

const rotate = (key: string, more = {}) =>
  runManage(['secret-key', 'rotate', '--json'], { ...giro.settings, ...more, NEW_SECRET_KEY: key })

/** What a program is given after the rotation: on SQLite the key is in its file. */
const restarted = () => (giro.settings.SECRET_KEY === undefined ? {} : { SECRET_KEY: newKey })

const path = () => `/partners/partner1/routes/${route.id}`

const columns = 'secret, headers, auth, client_certificate'

/** All that is encrypted, as it is kept. */
async function sealed(): Promise<string> {
  const routes = await query(giro.place, `SELECT ${columns} FROM routes ORDER BY id`)
  const old = await query(giro.place, 'SELECT secret FROM old_secrets ORDER BY id')
  return JSON.stringify([routes, old])
}

beforeAll(async () => {
  giro = await openGiro({ DELIVERY_SCHEDULE: '0,0.2,0.2,0.2,0.2,600' })
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  partner = await openPartner()
  const create = ['route', 'create', 'partner1', '--method', 'api', '--to', partner.url]
  route = await giro.ask(...create, '--header', 'X-Api-Key: hush')
  const auth = { type: 'basic', username: 'giro', password: 'hush' }
  const client_certificate = { certificate: pem('client'), key: pem('client-key') }
  await serving.api.patch(path(), { auth, client_certificate })
  const rotated = (await serving.api.post(`${path()}/rotate-secret`, {})).json
  secrets = [rotated.secret, route.secret]
  processor = await giro.processor()
})

describe('a rotation of SECRET_KEY that cannot be', () => {
  it.each([
    ['the new one is missing', '', /NEW_SECRET_KEY/],
    ['the new one is too short', 'ab'.repeat(31), /NEW_SECRET_KEY/],
  ])('is one sentence where %s', async (_, key, said) => {
    const { code, stderr } = await rotate(key)
    expect([code, stderr]).toEqual([1, expect.stringMatching(said)])
    expect(stderr).toMatch(/^[^\n]*\n$/)
  })

  it('is refused where the old one is not that of the database', async () => {
    const { code, stderr } = await rotate(newKey, { SECRET_KEY: 'cd'.repeat(32) })
    expect([code, stderr]).toEqual([1, expect.stringContaining('is not the key of this database')])
  })

  it('is refused as a whole where one secret cannot be opened', async () => {
    const before = await sealed()
    const [row] = await query(giro.place, 'SELECT secret FROM old_secrets')
    await tamper(giro.place, `UPDATE old_secrets SET secret = '1.AAAA.AAAA.AAAA'`)
    const { code, stderr } = await rotate(newKey)
    expect([code, stderr]).toEqual([1, expect.stringContaining(`route ${route.id}`)])
    await tamper(giro.place, `UPDATE old_secrets SET secret = '${row?.secret}'`)
    expect(await sealed()).toBe(before)
  })
})

describe('SECRET_KEY, rotated while everything runs', () => {
  let paymentId: string

  it('puts every secret under the new key', async () => {
    const before = await sealed()
    const { code, stdout } = await rotate(newKey)
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { state: 'rotated', sealed: 2 }])
    expect(await sealed()).not.toBe(before)
  })

  it('lets a process with the old key take notices, but write nothing encrypted', async () => {
    const before = await sealed()
    const refused = { status: 503, code: 'unavailable' }
    const api = { notify_method: 'api', contact_path: partner.url }
    expectProblem(await serving.api.post('/partners/partner1/routes', api), refused)
    expectProblem(await serving.api.post(`${path()}/rotate-secret`, {}), refused)
    const auth = { type: 'bearer', token: 'hush' }
    for (const change of [{ headers: { 'X-A': 'b' } }, { auth }])
      expectProblem(await serving.api.patch(path(), change), refused)
    expect(await sealed()).toBe(before)
    const { status, json } = await tell(serving.url, notice())
    expect(status).toBe(201)
    paymentId = json.id
  })

  it('makes a daemon with the old key say so, and send nothing', async () => {
    const attempt = await until('an attempt has failed', async () => {
      const payment = (await serving.api.get(`/payments/${paymentId}`)).json
      const { json } = await serving.api.get(`/deliveries/${payment.deliveries[0].id}`)
      return json.attempts?.[0]
    })
    expect(attempt.error).toContain('cannot be decrypted')
    expect(partner.heard).toEqual([])
  })

  it('is good for all that are started again, whose webhooks are as before', async () => {
    await processor.end()
    await serving.end()
    serving = await giro.serve(restarted())
    await giro.processor(restarted())
    const payment = (await serving.api.get(`/payments/${paymentId}`)).json
    await serving.api.post(`/deliveries/${payment.deliveries[0].id}/redeliver`, {})
    const [heard] = await partner.hears(1)
    await paymentIn(serving.api, paymentId, 'notified')
    const authorization = `Basic ${Buffer.from('giro:hush').toString('base64')}`
    expect(heard?.headers).toMatchObject({ 'x-api-key': 'hush', authorization })
    if (heard) for (const one of secrets) verified(heard, one)
  })

  it('may be rotated to the same again, which changes nothing', async () => {
    const before = await sealed()
    const { code, stdout } = await rotate(newKey)
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { state: 'same', sealed: 0 }])
    expect(await sealed()).toBe(before)
  })
})
