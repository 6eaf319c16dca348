import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import { everything, type Json } from '../support/http.ts'
import { openPartner, type Partner, verified } from '../support/partner.ts'
import { query } from '../support/place.ts'
import { expectProblem } from '../support/problem.ts'

let giro: Giro
let serving: Serving
let partner: Partner
let route: Json
let secrets: string[]
let told = 0

const path = () => `/partners/partner1/routes/${route.id}/rotate-secret`

/** The next payment's webhook, of a daemon that runs since before the rotations. */
async function nextHeard() {
  told += 1
  await tell(serving.url, notice({ note: `${told}` }))
  const heard = (await partner.hears(told))[told - 1]
  if (!heard) throw new Error('nothing was heard')
  return heard
}

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  partner = await openPartner()
  route = await addRoute(serving.api, partner.url)
  secrets = [route.secret]
  await giro.processor()
})

describe('a secret that is rotated while a daemon runs', () => {
  it('is good together with the new one until the overlap ends, for the official library', async () => {
    verified(await nextHeard(), `${secrets[0]}`)
    const rotated = await serving.api.post(path(), { overlap: 3600 })
    expect(rotated.status).toBe(200)
    const { secret, old_secret_end_date: end, ...rest } = rotated.json
    const { secret: old, ...before } = route
    expect(rest).toEqual(before)
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(end).toMatch(/^\d{4}-\d\d-\d\dT/)

    const heard = await nextHeard()
    expect(`${heard.headers['webhook-signature']}`.split(' ')).toHaveLength(2)
    expect(verified(heard, secret)).toEqual(verified(heard, old))
    secrets = [secret, old]
  })

  it('is rotated at the command line as well, which shows the new one', async () => {
    const command = ['route', 'rotate-secret', 'partner1', route.id, '--overlap', '90m']
    const { secret } = await giro.ask(...command)
    const heard = await nextHeard()
    secrets = [secret, ...secrets]
    for (const one of secrets) verified(heard, one)
  })

  it('is bad at once where the overlap is 0', async () => {
    const { secret } = (await serving.api.post(path(), { overlap: 0 })).json
    const heard = await nextHeard()
    verified(heard, secret)
    for (const one of secrets) expect(() => verified(heard, one)).toThrow('No matching signature')
    secrets = [secret]
  })

  it('is told of in events, without the secret', async () => {
    const type = 'route.secret_rotated'
    const types = await query(giro.place, `SELECT data FROM events WHERE type = '${type}'`)
    expect(types).toHaveLength(3)
    expect(JSON.stringify(types)).not.toMatch(/whsec_|"secret/)
    expect(await everything(serving.api, '/payments')).toHaveLength(told)
  })
})

describe('a rotation that cannot be', () => {
  it.each([{ overlap: -1 }, { overlap: 604_801 }, { overlap: '1h' }, { other: 1 }])(
    'is refused with 422 for %j',
    async (body) => {
      const pointers = [`/${Object.keys(body)[0]}`]
      expectProblem(await serving.api.post(path(), body), {
        status: 422,
        code: 'invalid',
        pointers,
      })
    },
  )

  it('is 404 for a route that is not there, or of another partner', async () => {
    const notFound = { status: 404, code: 'not_found' }
    expectProblem(
      await serving.api.post('/partners/nobody/routes/rte_1/rotate-secret', {}),
      notFound,
    )
    const other = `/partners/nobody/routes/${route.id}/rotate-secret`
    expectProblem(await serving.api.post(other, {}), notFound)
  })

  it.each(['1w', '-1h', 'soon', ''])('is one sentence at the command line for %j', async (time) => {
    const run = await giro.manage(
      'route',
      'rotate-secret',
      'partner1',
      route.id,
      `--overlap=${time}`,
    )
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(/^[^\n]*It must be a number[^\n]*\n$/)
  })
})
