import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import type { Json } from '../support/http.ts'
import { breaksOff, openPartner, says } from '../support/partner.ts'
import { query } from '../support/place.ts'
import { freePort } from '../support/port.ts'
import { expectProblem } from '../support/problem.ts'
import { mutual, openTlsPartner, pem } from '../support/tls.ts'
import { openTokenServer } from '../support/token-server.ts'
import { until } from '../support/until.ts'

let giro: Giro
let serving: Serving
const folder = temporaryFolder()

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  await giro.processor()
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const authFile = (auth: object) => file('auth.json', JSON.stringify(auth))

/** A route of a partner of its own; its JSON. */
let partners = 0
async function route(to: string, ...options: string[]): Promise<Json> {
  partners += 1
  const account_id = `partner-${partners}`
  await serving.api.post('/partners', { account_id, name: 'A partner' })
  return giro.ask('route', 'create', account_id, '--method', 'api', '--to', to, ...options)
}

/** Tells of a payment for the partner of a route; the first attempt to tell that. */
async function attemptOn({ account_id: account_number }: Json): Promise<Json> {
  const { json } = await tell(serving.url, notice({ account_number }))
  return until('an attempt', async () => {
    const payment = (await serving.api.get(`/payments/${json.id}`)).json
    const delivery = (await serving.api.get(`/deliveries/${payment.deliveries[0].id}`)).json
    return delivery.attempts[0]
  })
}

const pathOf = ({ account_id, id }: Json) => `/partners/${account_id}/routes/${id}`

describe('a route with a name and a password', () => {
  it('shows them to the partner and to nobody else, until they are taken away', async () => {
    const partner = await openPartner()
    const auth = { type: 'basic', username: 'giro', password: 'hush 1' }
    const made = await route(partner.url, '--auth', authFile(auth))
    expect(made.auth).toEqual({ type: 'basic', username: 'giro' })
    expect(await attemptOn(made)).toMatchObject({ result: 'delivered', may_have_arrived: true })
    const shown = `Basic ${Buffer.from('giro:hush 1').toString('base64')}`
    expect(partner.heard[0]?.headers.authorization).toBe(shown)

    const bearer = { auth: { type: 'bearer', token: 'hush.2' } }
    const changed = (await serving.api.patch(pathOf(made), bearer)).json
    expect(changed.auth).toEqual({ type: 'bearer' })
    await attemptOn(made)
    expect(partner.heard[1]?.headers.authorization).toBe('Bearer hush.2')

    const none = await giro.ask('route', 'change', made.account_id, made.id, '--no-auth')
    expect(none.auth).toBeNull()
    await attemptOn(made)
    expect(partner.heard[2]?.headers).not.toHaveProperty('authorization')
  })
})

describe('a route with OAuth 2.0', () => {
  it('shows the partner a token, and says why where it gets none', async () => {
    const server = await openTokenServer((response, count) =>
      count === 1
        ? response.writeHead(400).end('{"error":"invalid_scope"}')
        : response.end('{"access_token":"hush-3","token_type":"bearer"}'),
    )
    const partner = await openPartner()
    const grant = { token_url: server.url, client_id: 'giro', scope: 'payments' }
    const auth = { type: 'oauth2', ...grant, client_secret: 'hush4' }
    const made = await route(partner.url, '--auth', authFile(auth))
    expect(made.auth).toEqual({ type: 'oauth2', ...grant })
    expect(await attemptOn(made)).toMatchObject({
      result: 'failed',
      status: null,
      error: 'no token: the token server answered 400 (invalid_scope)',
      may_have_arrived: false,
    })
    expect(await attemptOn(made)).toMatchObject({ result: 'delivered' })
    expect(partner.heard[0]?.headers.authorization).toBe('Bearer hush-3')
  })
})

describe('a route with a client certificate', () => {
  it('shows it in TLS, beside whatever else it shows', async () => {
    const { port, heard } = await openTlsPartner('stranger', mutual)
    const files = ['--certificate', file('client.pem', pem('client'))]
    files.push('--key', file('key.pem', pem('client-key')))
    files.push('--ca', file('ca.pem', pem('another-authority')))
    const auth = authFile({ type: 'bearer', token: 'hush-5' })
    const made = await route(`https://localhost:${port}/`, ...files, '--auth', auth)
    expect(made.client_certificate).toMatchObject({ subject: 'O=Giro, CN=giro.bank.example' })
    expect(JSON.stringify(made)).not.toMatch(/hush|PRIVATE|BEGIN/)
    expect(await attemptOn(made)).toMatchObject({ result: 'delivered' })
    expect(heard).toMatchObject([{ client: 'giro.bank.example', authorization: 'Bearer hush-5' }])

    const change = ['route', 'change', made.account_id, made.id]
    expect((await giro.ask(...change, '--no-certificate')).client_certificate).toBeNull()
    expect(await attemptOn(made)).toMatchObject({ result: 'failed', may_have_arrived: false })
  })
})

describe('an attempt', () => {
  it.each([
    ['that nobody took', async () => `http://127.0.0.1:${await freePort()}/`, false],
    ['that was broken off', async () => (await openPartner(breaksOff)).url, true],
    ['that was refused', async () => (await openPartner(says(500))).url, true],
  ])('%s says whether it may have arrived', async (_, url, may_have_arrived) => {
    const attempt = await attemptOn(await route(await url()))
    expect(attempt).toMatchObject({ result: 'failed', may_have_arrived })
  })
})

describe('what a route shows of Giro', () => {
  it('is nowhere in the tables in clear', async () => {
    for (const table of ['routes', 'events', 'attempts', 'deliveries']) {
      const rows = await query(giro.place, `SELECT * FROM ${table}`)
      const text = rows.flatMap((row) => Object.values(row).map((value) => `${value}`)).join('\n')
      expect(text).not.toMatch(/hush|PRIVATE/)
    }
  })

  it.each([
    [{ auth: { type: 'basic', username: 'a' } }, ['/auth/password']],
    [{ auth: { type: 'digest' } }, ['/auth/type']],
    [{ auth: 'Basic abc' }, ['/auth']],
    [{ auth: { type: 'bearer', token: 'a b' } }, ['/auth/token']],
    [{ auth: { type: 'bearer', token: 'a', more: 1 } }, ['/auth/more']],
    [
      {
        auth: { type: 'oauth2', token_url: 'http://10.0.0.1/', client_id: 'a', client_secret: 'b' },
      },
      ['/auth/token_url'],
    ],
    [
      { auth: { type: 'bearer', token: 'a' }, headers: { Authorization: 'b' } },
      ['/headers/Authorization'],
    ],
    [{ client_certificate: { certificate: pem('client') } }, ['/client_certificate/key']],
    [
      { client_certificate: { certificate: pem('client'), key: pem('key') } },
      ['/client_certificate/key'],
    ],
    [
      { client_certificate: { certificate: pem('expired'), key: pem('key') } },
      ['/client_certificate/certificate'],
    ],
  ])('is refused with 422 where it is wrong: %j', async (wrong, pointers) => {
    const body = { notify_method: 'api', contact_path: 'http://127.0.0.1:9/', ...wrong }
    const answer = await serving.api.post('/partners/partner1/routes', body)
    expectProblem(answer, { status: 422, code: 'invalid', pointers })
  })

  it.each([
    [['--auth', '/nowhere/auth.json'], /ENOENT/],
    [['--auth', file('none.json', 'hello')], /no JSON/],
    [['--certificate', file('half.pem', pem('client'))], /client_certificate\/key: is missing/],
  ])('is one sentence at the command line: %j', async (options, said) => {
    const create = ['route', 'create', 'partner1', '--method', 'api', '--to', 'http://127.0.0.1:9/']
    const { code, stderr } = await giro.manage(...create, ...options)
    expect([code, stderr]).toEqual([1, expect.stringMatching(said)])
  })
})
