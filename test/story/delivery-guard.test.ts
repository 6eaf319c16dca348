import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { openConnectProxy } from '../support/connect-proxy.ts'
import { paymentIn } from '../support/delivery.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
  toLoopback,
} from '../support/giro.ts'
import type { Json } from '../support/http.ts'
import { openPartner, type Partner } from '../support/partner.ts'
import { freePort } from '../support/port.ts'
import { expectProblem } from '../support/problem.ts'

const refused = { status: 422, code: 'invalid', pointers: ['/contact_path'] }

let giro: Giro
let serving: Serving
let partner: Partner
let samplePort: number

beforeAll(async () => {
  samplePort = await freePort()
  giro = await openGiro({
    OUTBOUND_ALLOW: '',
    SAMPLE_PARTNER_PORT: `${samplePort}`,
    DELIVERY_SCHEDULE: '0,0.1',
  })
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  partner = await openPartner()
})

describe('a route to where no partner may be', () => {
  it.each([
    ['http://127.0.0.1:5432/', 'loopback'],
    ['http://localhost:6379/', 'loopback'],
    ['http://169.254.169.254/latest/meta-data/', 'link-local'],
    ['https://10.0.0.1/', 'private'],
    ['http://2130706433/', 'must write its address as 127.0.0.1'],
    ['http://0177.0.0.1/', 'must write its address as 127.0.0.1'],
    ['http://[::1]:5000/', 'loopback'],
    ['http://[::ffff:10.0.0.1]/', 'private'],
    ['http://[fe80::1%25eth0]/', 'is not a URL'],
    ['http://partner.example./', 'dot'],
    ['http://8.8.8.8:0/', 'port 0'],
    ['http://a..b/', 'cannot exist'],
    ['http://-/', 'cannot exist'],
  ])('is refused with its reason when it is created: %s', async (contact_path, why) => {
    const route = { notify_method: 'api', contact_path }
    const answer = await serving.api.post('/partners/partner1/routes', route)
    expectProblem(answer, refused)
    expect(answer.json.errors[0].detail).toContain(why)
    expect((await serving.api.get('/partners/partner1/routes')).json.data).toEqual([])
  })

  it('is refused when a route is changed into it, and may be disabled where it is', async () => {
    await serving.api.post('/partners', { account_id: 'moving', name: 'Moving' })
    const route = await addRoute(serving.api, 'https://partner.example/', { account: 'moving' })
    const path = `/partners/moving/routes/${route.id}`
    expectProblem(await serving.api.patch(path, { contact_path: 'http://127.1/' }), refused)
    expectProblem(await serving.api.patch(path, { contact_path: 'http://[::1]/' }), refused)
    expect((await serving.api.get(path)).json.contact_path).toBe('https://partner.example/')

    const inside = await giro.serve(toLoopback)
    await inside.api.patch(path, { contact_path: partner.url })
    expect((await serving.api.patch(path, { enabled: false })).json).toMatchObject({
      contact_path: partner.url,
      enabled: false,
    })
  })

  it('is refused in one sentence at the command line', async () => {
    const create = ['route', 'create', 'partner1', '--method', 'api', '--to', partner.url]
    const { code, stderr } = await giro.manage(...create)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^The contact path leads to 127\.0\.0\.1, a loopback .*\.\n$/)
  })
})

describe('a webhook on a route that may not be told any more', () => {
  it('is not sent, says so, and reaches the partner once it may', async () => {
    const inside = await giro.serve(toLoopback)
    await addRoute(inside.api, partner.url)
    const strict = await giro.processor()
    const { id } = (await tell(serving.url, firstNotice)).json
    const { deliveries } = await paymentIn(serving.api, id, 'failed')
    expect(partner.heard).toEqual([])
    const attempt = { result: 'failed', status: null, answer: null }
    expect(deliveries[0].attempts).toMatchObject([attempt, attempt])
    for (const { error } of deliveries[0].attempts as Json[])
      expect(error).toMatch(/^nothing was sent: the URL leads to 127\.0\.0\.1, a loopback address/)

    await strict.end()
    await giro.processor(toLoopback)
    await serving.api.act(`/deliveries/${deliveries[0].id}/redeliver`)
    await paymentIn(serving.api, id, 'notified')
    expect(partner.heard).toHaveLength(1)
    await expectBooksToBalance(giro)
  })
})

describe('OUTBOUND_PROXY', () => {
  it('is asked for every partner', async () => {
    const own = await openGiro()
    const { port } = new URL(partner.url)
    const { proxy, asked } = await openConnectProxy({ [`127.0.0.1:${port}`]: port })
    const { api, url } = await own.serve()
    await registerSampleParties(api)
    await addRoute(api, partner.url)
    await own.processor({ OUTBOUND_PROXY: `http://${proxy.host}:${proxy.port}` })
    await paymentIn(api, (await tell(url, firstNotice)).json.id, 'notified')
    expect(asked).toEqual([`127.0.0.1:${port}`])
  })
})

describe('the sample partner', () => {
  const to = () => `http://127.0.0.1:${samplePort}/payments`

  it('may be told where the sample data is, and there only, whatever is set', async () => {
    const route = { notify_method: 'api', contact_path: to() }
    expectProblem(await serving.api.post('/partners/partner1/routes', route), refused)

    const strict = { ...giro.settings, OUTBOUND_HTTPS_ONLY: 'true', OUTBOUND_PORTS: '443' }
    const filled = await giro.start(['create-sample-data'], strict).exited
    expect(filled.code).toBe(0)
    expect((await addRoute(serving.api, to())).contact_path).toBe(to())
    for (const other of [`http://127.0.0.1:${samplePort + 1}/`, `http://[::1]:${samplePort}/`]) {
      const near = { notify_method: 'api', contact_path: other }
      expectProblem(await serving.api.post('/partners/partner1/routes', near), refused)
    }
  })
})
