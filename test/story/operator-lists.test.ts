import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { addRoute, type Giro, openGiro, registerSampleParties } from '../support/giro.ts'
import type { Json, Operator } from '../support/http.ts'
import { expectProblem } from '../support/problem.ts'

let giro: Giro
let api: Operator
/** The payments in the order in which they were told. */
const payments: Json[] = []

/** 7 payments, in three currencies, of two payers, to two partners of which one has a route. */
const told = [
  { currency: 'USD' },
  { currency: 'EUR', account_number: 'shop' },
  { currency: 'USD', reference_number: 'ann' },
  { currency: 'JPY', account_number: 'shop' },
  { currency: 'USD' },
  { currency: 'USD', account_number: 'shop', reference_number: 'ann' },
  { currency: 'EUR' },
]

beforeAll(async () => {
  giro = await openGiro()
  const serving = await giro.serve()
  api = serving.api
  await registerSampleParties(api)
  await api.post('/payers', { id: 'ann', name: 'Ann' })
  await api.post('/partners', { account_id: 'shop', name: 'Shop' })
  await addRoute(api, 'http://127.0.0.1:9/', { account: 'shop' })
  for (const change of told) payments.push((await tell(serving.url, notice(change))).json)
  expect((await tell(serving.url, notice({ reference_number: 'nobody' }))).status).toBe(422)
})

const idOf = (one: Json): string => one.id ?? one.account_id

/** Follows `next` from the first page to the last; the pages as lists of ids. */
async function pagesOf(path: string, limit: number): Promise<string[][]> {
  const pages: string[][] = []
  for (let after: string | null = ''; after !== null; ) {
    const cursor: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`
    const { status, json } = await api.get(
      `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`,
    )
    expect({ status, members: Object.keys(json) }).toEqual({
      status: 200,
      members: ['data', 'next'],
    })
    pages.push(json.data.map(idOf))
    after = json.next
  }
  return pages
}

describe('a list', () => {
  it.each([
    ['/payments', 7],
    ['/proofs', 8],
    ['/deliveries', 3],
    ['/accounts', 8],
    ['/payers', 2],
    ['/partners', 2],
    ['/partners/shop/routes', 1],
  ])('%s is whole, page by page, whatever the size of a page', async (path, count) => {
    const whole = (await pagesOf(path, 500)).flat()
    expect(whole).toHaveLength(count)
    expect(new Set(whole).size).toBe(count)
    for (const limit of [1, 2, 3, count]) {
      const pages = await pagesOf(path, limit)
      expect(pages.flat()).toEqual(whole)
      expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true)
      expect(pages).toHaveLength(Math.ceil(count / limit))
    }
  })

  it('is newest first', async () => {
    const newest = payments.map(idOf).toReversed()
    expect((await pagesOf('/payments', 2)).flat()).toEqual(newest)
    for (const path of ['/payers', '/partners', '/accounts', '/deliveries', '/proofs']) {
      const { json } = await api.get(path)
      const dates = json.data.map((one: Json) => one.create_date ?? one.received_date)
      expect(dates).toEqual(dates.toSorted().toReversed())
    }
    expect((await api.get('/payers')).json.data.map(idOf)).toEqual(['ann', 'payer1'])
    expect((await api.get('/partners')).json.data.map(idOf)).toEqual(['shop', 'partner1'])
  })

  it('has 50 on a page when nobody says how many', async () => {
    await Promise.all(
      Array.from({ length: 60 }, (_, i) => api.post('/payers', { id: `many-${i}`, name: 'M' })),
    )
    const { json } = await api.get('/payers')
    expect(json.data).toHaveLength(50)
    expect(json.next).toEqual(expect.any(String))
  })

  it('goes on where it was when something came in meanwhile', async () => {
    const first = (await api.get('/payers?limit=5')).json
    await api.post('/payers', { id: 'late', name: 'Late' })
    const second = (await api.get(`/payers?limit=5&after=${first.next}`)).json
    const seen = [...first.data, ...second.data].map(idOf)
    expect(new Set(seen).size).toBe(10)
    expect(seen).not.toContain('late')
  })

  it.each([
    ['limit=0', '/limit'],
    ['limit=501', '/limit'],
    ['limit=-1', '/limit'],
    ['limit=1.5', '/limit'],
    ['limit=many', '/limit'],
    ['limit=', '/limit'],
    ['after=nonsense', '/after'],
    [`after=${Buffer.from('[{}]').toString('base64url')}`, '/after'],
  ])('refuses ?%s with 422 and the pointer %s', async (query, pointer) => {
    for (const path of ['/payments', '/proofs', '/payers', '/partners', '/accounts', '/deliveries'])
      expectProblem(await api.get(`${path}?${query}`), {
        status: 422,
        code: 'invalid',
        pointers: [pointer],
      })
  })
})

describe('payments', () => {
  /** The places, in the order of telling, of the payments that a filter finds. */
  async function found(query: string): Promise<number[]> {
    const ids = (await pagesOf(`/payments?${query}`, 2)).flat()
    return ids.map((id) => payments.findIndex((one) => one.id === id)).toReversed()
  }

  it.each([
    ['account_number=shop', [1, 3, 5]],
    ['account_number=partner1', [0, 2, 4, 6]],
    ['reference_number=ann', [2, 5]],
    ['status=received', [1, 3, 5]],
    ['status=unrouted', [0, 2, 4, 6]],
    ['status=notified', []],
    ['status=failed', []],
    ['bank=africa_bank', [0, 1, 2, 3, 4, 5, 6]],
    ['bank=moon_bank', []],
    ['account_number=shop&reference_number=ann&status=received&bank=africa_bank', [5]],
    ['account_number=nobody', []],
  ])('are found by %s', async (query, places) => {
    expect(await found(query)).toEqual(places)
  })

  it('are found from a time on, and before a time', async () => {
    const { payment_received_date: middle } = payments[3]
    const time = encodeURIComponent(middle)
    const early = payments.flatMap((one, i) => (one.payment_received_date < middle ? [i] : []))
    const late = payments.flatMap((one, i) => (one.payment_received_date >= middle ? [i] : []))
    expect(await found(`to=${time}`)).toEqual(early)
    expect(await found(`from=${time}`)).toEqual(late)
    expect(await found(`from=${time}&to=${time}`)).toEqual([])
    expect(await found('from=2020-01-01&to=2020-12-31')).toEqual([])
    expect(await found('from=2020-01-01')).toHaveLength(7)
  })

  it.each(['status=lost', 'from=yesterday', 'to=2026-02-30'])(
    'are not looked for by ?%s: 422',
    async (query) => {
      const pointers = [`/${query.split('=')[0]}`]
      const answer = await api.get(`/payments?${query}`)
      expectProblem(answer, { status: 422, code: 'invalid', pointers })
    },
  )
})

describe('an account', () => {
  it('is there for each bank and partner in each currency, with what moved', async () => {
    const { json } = await api.get('/accounts')
    const balances = json.data.map(({ currency, balance }: Json) => `${balance} ${currency}`)
    expect(balances.toSorted()).toEqual(
      [
        '-220.00 USD',
        '165.00 USD',
        '55.00 USD',
        '-110.00 EUR',
        '55.00 EUR',
        '55.00 EUR',
        '-55 JPY',
        '55 JPY',
      ].toSorted(),
    )
  })

  it('is read by its id', async () => {
    const [first] = (await api.get('/accounts')).json.data
    expect((await api.get(`/accounts/${encodeURIComponent(first.id)}`)).json).toEqual(first)
    expectProblem(await api.get('/accounts/nobody'), { status: 404, code: 'not_found' })
    await expectBooksToBalance(giro)
  })
})
