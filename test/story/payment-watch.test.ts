import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import type { Json } from '../support/http.ts'
import { openPartner } from '../support/partner.ts'
import type { Program } from '../support/program.ts'
import { until } from '../support/until.ts'

const slowMs = 30_000

let giro: Giro
let serving: Serving
/** The payments that were made before anybody watched, one for each partner. */
const paid: Json = {}

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  await serving.api.post('/partners', { account_id: 'shop', name: 'Shop' })
  await addRoute(serving.api, (await openPartner()).url)
  await giro.processor()
  for (const account of ['partner1', 'shop']) paid[account] = await pay(account)
}, 60_000)

async function pay(account: string): Promise<string> {
  return (await tell(serving.url, notice({ account_number: account }))).json.id
}

const watch = (...options: string[]): Program => giro.start(['payment', 'watch', ...options])

function shows(program: Program, count: number): Promise<string[]> {
  const look = () => program.lines.length >= count && program.lines
  return until(() => `${count} lines in:\n${program.lines.join('\n')}`, look, slowMs)
}

const endsWell = async (program: Program) =>
  expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null })

describe('payment watch', () => {
  it('shows what happened from the start, as an object a line', async () => {
    const program = watch('--from-start', '--json')
    const rows = (await shows(program, 4)).map((line) => JSON.parse(line))
    const common = {
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      bank: 'africa_bank',
      reference_number: 'payer1',
      amount: '55.00',
      currency: 'USD',
    }
    const own = rows.filter(({ payment_id }) => payment_id === paid.partner1)
    const delivery = { delivery_id: expect.stringMatching(/^dlv_/), notify_method: 'api' }
    const none = { delivery_id: null, notify_method: null }
    const payment = { ...common, payment_id: paid.partner1, account_number: 'partner1' }
    expect(own).toEqual([
      { ...payment, type: 'payment.received', ...none },
      { ...payment, type: 'delivery.delivered', ...delivery },
      { ...payment, type: 'payment.notified', ...none },
    ])
    expect(rows.filter(({ payment_id }) => payment_id === paid.shop)).toEqual([
      expect.objectContaining({ type: 'payment.received', account_number: 'shop' }),
    ])
    await endsWell(program)
  })

  it('shows on a pipe what happens from now on to one partner, in plain lines', async () => {
    const program = watch('--partner', 'shop')
    const lines = await until(
      'a line',
      async () => {
        await pay('partner1')
        await pay('shop')
        return program.lines.length > 0 && program.lines
      },
      slowMs,
    )
    const cells = lines[0]?.split('\t') ?? []
    expect(cells.slice(1)).toEqual([
      'payment.received',
      expect.stringMatching(/^pay_/),
      'payer1',
      'shop',
      '55.00',
      'USD',
      '-',
    ])
    expect(lines.join()).not.toContain(paid.shop)
    expect(lines.join()).not.toContain('partner1')
    await endsWell(program)
  })
})
