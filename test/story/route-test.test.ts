import { beforeAll, describe, expect, it } from '@jest/globals'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import { openMailServer } from '../support/mail.ts'
import { openPartner, says, verified } from '../support/partner.ts'
import { query } from '../support/place.ts'

let giro: Giro
let serving: Serving

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await registerSampleParties(serving.api)
})

describe('the test of a route', () => {
  it('sends a signed sample event, shows what came of it, and keeps nothing', async () => {
    const partner = await openPartner(says(200, 'x'.repeat(5000)))
    const { id, secret } = await addRoute(serving.api, partner.url)
    const tested = await giro.ask('route', 'test', 'partner1', id)
    const [heard] = await partner.hears(1)
    if (!heard) throw new Error('it heard one')
    expect(verified(heard, secret)).toEqual({
      type: 'giro.test',
      timestamp: expect.any(String),
      data: { account_number: 'partner1', route_id: id },
    })
    expect(tested).toMatchObject({ delivered: true, status: 200, error: null })
    expect(tested.duration_ms).toBeGreaterThanOrEqual(0)
    expect(tested.answer).toBe('x'.repeat(4096))
    const { 'webhook-id': webhookId, 'content-type': type } = heard.headers
    const { headers, body } = tested.request
    expect(headers).toMatchObject({ 'webhook-id': webhookId, 'content-type': type })
    expect(headers['webhook-signature']).toBe('v1,***')
    expect(body).toBe(heard.body.toString())
    for (const table of ['payments', 'deliveries', 'attempts'])
      expect(await query(giro.place, `SELECT * FROM ${table}`)).toEqual([])
    expect(await query(giro.place, `SELECT * FROM events WHERE type = 'giro.test'`)).toEqual([])
  })

  it('sends what a payment is sent with, and shows of it nothing that is secret', async () => {
    const partner = await openPartner()
    const { id, secret } = await addRoute(serving.api, partner.url)
    const path = `/partners/partner1/routes/${id}`
    await serving.api.patch(path, { headers: { 'X-Api-Key': 'hush' } })
    const rotated = await serving.api.post(`${path}/rotate-secret`, {})
    const { bytes, json } = await serving.api.act(`${path}/test`)
    const [heard] = await partner.hears(1)
    if (!heard) throw new Error('it heard one')
    for (const good of [secret, rotated.json.secret]) verified(heard, good)
    expect(heard.headers['x-api-key']).toBe('hush')
    expect(json.request.headers).toMatchObject({
      'X-Api-Key': '***',
      'webhook-signature': 'v1,*** v1,***',
    })
    expect(bytes.toString()).not.toContain('hush')
    for (const one of `${heard.headers['webhook-signature']}`.split(/[ ,]/).filter(isLong))
      expect(bytes.toString()).not.toContain(one)
  })

  it('goes to a route that is disabled, and leaves it so', async () => {
    const partner = await openPartner()
    const { id } = await addRoute(serving.api, partner.url)
    const path = `/partners/partner1/routes/${id}`
    await serving.api.patch(path, { enabled: false })
    expect((await serving.api.act(`${path}/test`)).json.delivered).toBe(true)
    expect((await serving.api.get(path)).json.enabled).toBe(false)
  })

  it('exits with 1 where the partner did not take it, and says why', async () => {
    const partner = await openPartner(says(404, 'not here'))
    const { id } = await addRoute(serving.api, partner.url)
    const { code, stdout } = await giro.manage('route', 'test', 'partner1', id)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^status +404$/m)
    expect(stdout).toMatch(/^answer +not here$/m)
  })

  it('is there in the API, for a route that is there', async () => {
    const partner = await openPartner()
    const { id } = await addRoute(serving.api, partner.url)
    const { status, json } = await serving.api.act(`/partners/partner1/routes/${id}/test`)
    expect([status, json.delivered, json.status]).toEqual([200, true, 204])
    expect((await serving.api.act('/partners/partner1/routes/rte_x/test')).status).toBe(404)
    expect((await serving.api.act(`/partners/other/routes/${id}/test`)).status).toBe(404)
  })

  it('says of an e-mail route without a mail server that nothing was sent', async () => {
    const email = { method: 'email' }
    const { id } = await addRoute(serving.api, 'someone@partner.example', email)
    const { json } = await serving.api.act(`/partners/partner1/routes/${id}/test`)
    expect(json).toMatchObject({ delivered: false, status: null, request: null })
    expect(json.error).toContain('SMTP_URL')
  })

  it('is an e-mail that nobody takes for a payment, on a route by e-mail', async () => {
    const server = await openMailServer()
    const mailing = await giro.serve({ SMTP_URL: server.url })
    const email = { method: 'email' }
    const { id } = await addRoute(serving.api, 'someone@partner.example', email)
    const { json } = await mailing.api.act(`/partners/partner1/routes/${id}/test`)
    const [mail] = await server.receives(1)
    expect(mail?.email.subject).toBe('Test of Giro: no payment')
    expect(json).toMatchObject({ delivered: true, status: 250 })
    expect(json.request.headers).toMatchObject({
      to: 'someone@partner.example',
      subject: mail?.email.subject,
      'message-id': mail?.email.messageId,
    })
    expect(json.request.body).toContain('No money has moved.')
  })

  it('says why, and sends nothing, where a route must not lead there any more', async () => {
    const partner = await openPartner()
    const { id } = await addRoute(serving.api, partner.url)
    const strict = await giro.serve({ OUTBOUND_ALLOW: '' })
    const { json } = await strict.api.act(`/partners/partner1/routes/${id}/test`)
    expect(json).toMatchObject({ delivered: false, status: null, request: null })
    expect(partner.heard).toEqual([])
  })
})

const isLong = (text: string) => text.length > 10
