import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { openPartner, type Partner, verified } from '../support/partner.ts'
import { query } from '../support/place.ts'
import { expectProblem } from '../support/problem.ts'

let giro: Giro
let serving: Serving
let partner: Partner

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  partner = await openPartner()
  await giro.processor()
})

describe('a route with headers', () => {
  it('sends them with each webhook, and shows their names and never their values', async () => {
    const create = ['route', 'create', 'partner1', '--method', 'api', '--to', partner.url]
    const headers = ['--header', 'X-Api-Key: hush 1', '--header', 'Authorization:Bearer hush']
    const { secret, ...route } = await giro.ask(...create, ...headers)
    expect(route.header_names).toEqual(['X-Api-Key', 'Authorization'])
    expect(JSON.stringify(route)).not.toContain('hush')

    await tell(serving.url, notice())
    const [heard] = await partner.hears(1)
    expect(heard?.headers).toMatchObject({
      'x-api-key': 'hush 1',
      authorization: 'Bearer hush',
      'content-type': 'application/json',
    })
    if (heard) verified(heard, secret)
    const path = `/partners/partner1/routes/${route.id}`
    expect((await serving.api.get(path)).json).toEqual(route)

    await serving.api.patch(path, { headers: { 'X-Tenant': 'hush 2' } })
    await tell(serving.url, notice({ note: 'another' }))
    const other = (await partner.hears(2))[1]
    expect(other?.headers).toMatchObject({ 'x-tenant': 'hush 2' })
    expect(other?.headers).not.toHaveProperty('x-api-key')
    const none = await giro.ask('route', 'change', 'partner1', route.id, '--no-headers')
    expect(none.header_names).toEqual([])
  })

  it('leaves no value of them in the tables', async () => {
    for (const table of ['routes', 'events', 'attempts']) {
      const rows = await query(giro.place, `SELECT * FROM ${table}`)
      const text = rows.flatMap((row) => Object.values(row).map((value) => `${value}`)).join('\n')
      expect(text).not.toContain('hush')
    }
  })

  it('is refused with 422 and the header that is wrong', async () => {
    const body = { notify_method: 'api', contact_path: 'https://p.example/' }
    const answer = await serving.api.post('/partners/partner1/routes', {
      ...body,
      headers: { 'X-Good': 'a', 'Content-Type': 'text/plain', 'X-Bad': 'a\r\nX-More: b' },
    })
    const pointers = ['/headers/Content-Type', '/headers/X-Bad']
    expectProblem(answer, { status: 422, code: 'invalid', pointers })
  })
})
