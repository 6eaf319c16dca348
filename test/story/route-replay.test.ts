import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import type { Json } from '../support/http.ts'
import { openPartner, type Partner, verified } from '../support/partner.ts'

const paid = 12

let giro: Giro
let serving: Serving
let partner: Partner
let route: Json
const payments: Json[] = []

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  for (let i = 0; i < paid; i += 1) payments.push((await tell(serving.url, firstNotice)).json)
  partner = await openPartner()
  route = await addRoute(serving.api, partner.url)
})

describe('a replay', () => {
  it('is counted first, from the command line and by the API', async () => {
    const dry = await giro.manage('route', 'replay', 'partner1', route.id, '--dry-run')
    expect([dry.code, dry.stdout]).toEqual([0, `To deliver: ${paid}.\n`])
    const path = `/partners/partner1/routes/${route.id}/replay`
    const { json } = await serving.api.post(path, { dry_run: true, to: '2026-01-01' })
    expect(json).toEqual({ count: 0, exact: true })
    expect((await serving.api.get('/deliveries')).json.data).toEqual([])
  })

  it('tells a new route of each payment that came before it, once, and says so', async () => {
    const processor = await giro.processor()
    const asked = ['route', 'replay', 'partner1', route.id, '--wait'] as const
    expect(await giro.ask(...asked)).toMatchObject({ status: 'done', redelivered: paid })
    const heard = await partner.hears(paid)
    const told = heard.map((one) => verified(one, route.secret).data.payment.id)
    expect(told.toSorted()).toEqual(payments.map(({ id }) => id).toSorted())
    for (const { id } of payments) await paymentIn(serving.api, id, 'notified')

    expect(await giro.ask(...asked)).toMatchObject({ status: 'done', redelivered: 0 })
    expect(partner.heard).toHaveLength(paid)
    await processor.end()
  })

  it('of a route that another partner has is refused', async () => {
    const { code, stderr } = await giro.manage('route', 'replay', 'other', route.id)
    expect([code, stderr]).toEqual([1, 'There is no partner other.\n'])
    const path = '/partners/partner1/routes/rte_x/replay'
    expect((await serving.api.post(path, {})).status).toBe(404)
  })

  it('leaves the books as they are', async () => {
    await expectBooksToBalance(giro)
  })
})
