import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import { allNumbered } from '../support/event.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { http, type Json } from '../support/http.ts'
import { openPartner, type Partner, says, verified } from '../support/partner.ts'
import { expectProblem } from '../support/problem.ts'
import { until } from '../support/until.ts'

let giro: Giro
let serving: Serving
let partner: Partner
let route: Json

beforeAll(async () => {
  giro = await openGiro({ DELIVERY_SCHEDULE: '0,0.1' })
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  partner = await openPartner()
  const create = ['route', 'create', 'partner1', '--method', 'api', '--to', partner.url]
  route = await giro.ask(...create, '--ordering', 'strict')
  await giro.processor()
})

async function pay(count: number): Promise<string[]> {
  const paid: string[] = []
  for (let i = 0; i < count; i += 1) paid.push((await tell(serving.url, notice())).json.id)
  return paid
}

const told = () => partner.heard.map((one) => verified(one, route.secret).data.payment.id)
const path = () => `/partners/partner1/routes/${route.id}`

describe('a strict route', () => {
  it('says so by API and command line, and tells payments in their order', async () => {
    expect(route.ordering).toBe('strict')
    expect((await serving.api.get(path())).json.ordering).toBe('strict')
    const paid = await pay(5)
    await partner.hears(5)
    expect(told()).toEqual(paid)
    for (const id of paid) await paymentIn(serving.api, id, 'notified')
  })

  it('parks what cannot be delivered, visibly, and goes on', async () => {
    partner.does(says(500))
    const [stuck = '', next = ''] = await pay(2)
    const { deliveries } = await paymentIn(serving.api, stuck, 'failed')
    expect(deliveries).toMatchObject([{ status: 'parked', attempt_count: 2 }])
    await paymentIn(serving.api, next, 'failed')
    const { json } = await serving.api.get('/deliveries?status=parked')
    expect(json.data.map((one: Json) => one.payment_id)).toEqual([next, stuck])
    const parked = await giro.ask('delivery', 'list', '--status', 'parked')
    expect(parked).toMatchObject([{ payment_id: next }, { payment_id: stuck }])
    await allNumbered(giro.place)
    const events = await serving.api.get('/events?type=delivery.parked')
    expect(events.json.data).toHaveLength(2)
    const metrics = await http(`${serving.url}/metrics`)
    expect(`${metrics.bytes}`).toContain('giro_deliveries_parked 2')
  })

  it('delivers what was parked in order as well, when an operator asks for it', async () => {
    const { json } = await serving.api.get('/deliveries?status=parked')
    const before = partner.heard.length
    partner.does(says(204))
    for (const one of json.data) {
      const again = await serving.api.act(`/deliveries/${one.id}/redeliver`)
      expect([again.status, again.json.status]).toEqual([202, 'waiting'])
    }
    await partner.hears(before + 2)
    await until('none is parked', async () => {
      const { data } = (await serving.api.get('/deliveries?status=parked')).json
      return data.length === 0
    })
    expect(new Set(told().slice(before))).toEqual(
      new Set(json.data.map((one: Json) => one.payment_id)),
    )
    await expectBooksToBalance(giro)
  })
})

describe('the ordering of a route', () => {
  it('is changed by API and command line, and none where nobody said', async () => {
    const changed = await serving.api.patch(path(), { ordering: 'none' })
    expect([changed.status, changed.json.ordering]).toEqual([200, 'none'])
    const asked = ['route', 'change', 'partner1', route.id, '--ordering']
    expect((await giro.ask(...asked, 'strict')).ordering).toBe('strict')
    expect((await serving.api.patch(path(), { enabled: true })).json.ordering).toBe('strict')
    const body = { notify_method: 'api', contact_path: partner.url }
    const made = await serving.api.post('/partners/partner1/routes', body)
    expect(made.json.ordering).toBe('none')
  })

  it('is refused with 422 where it is another', async () => {
    const body = { notify_method: 'api', contact_path: partner.url, ordering: 'loose' }
    const posted = await serving.api.post('/partners/partner1/routes', body)
    const patched = await serving.api.patch(path(), { ordering: null })
    for (const answer of [posted, patched])
      expectProblem(answer, { status: 422, code: 'invalid', pointers: ['/ordering'] })
    const { code, stderr } = await giro.manage(
      'route',
      'change',
      'partner1',
      route.id,
      '--ordering',
      'loose',
    )
    expect(code).toBe(1)
    expect(stderr).toContain('Allowed choices are none, strict')
  })
})
