import { beforeAll, describe, expect, it } from '@jest/globals'
import { noticeWithAmount, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { query } from '../support/place.ts'
import { expectProblem } from '../support/problem.ts'

let giro: Giro
let serving: Serving

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await registerSampleParties(serving.api)
})

/** An amount as it stands in JSON, a string or a number, and what it is booked as. */
async function expectBooked(json: string, currency: string, amount: string, minor: bigint) {
  const answer = await tell(serving.url, noticeWithAmount(json, currency))
  expect(answer.status).toBe(201)
  expect(answer.json).toMatchObject({ amount, currency })
  const [row] = await query(
    giro.place,
    `SELECT payments.amount AS paid, transfers.amount AS moved FROM payments
      JOIN transfers ON transfers.id = payments.transfer_id WHERE payments.id = ?`,
    answer.json.id,
  )
  expect(row).toEqual({ paid: minor, moved: minor })
}

async function expectRefused(json: string, currency: string) {
  const answer = await tell(serving.url, noticeWithAmount(json, currency))
  expectProblem(answer, { status: 422, code: 'amount_invalid', pointers: ['/amount'] })
}

const taken: [string, string, string, bigint][] = [
  ['55', 'USD', '55.00', 5500n],
  ['55.5', 'USD', '55.50', 5550n],
  ['55.50', 'USD', '55.50', 5550n],
  ['0.1', 'USD', '0.10', 10n],
  ['0.01', 'USD', '0.01', 1n],
  ['1e2', 'USD', '100.00', 10_000n],
  ['1E2', 'USD', '100.00', 10_000n],
  ['1e+2', 'USD', '100.00', 10_000n],
  ['5.555e1', 'USD', '55.55', 5555n],
  ['5.5e0', 'USD', '5.50', 550n],
  ['1e-2', 'USD', '0.01', 1n],
  ['100e-2', 'USD', '1.00', 100n],
  ['1.150', 'BHD', '1.150', 1150n],
  ['9007199254740993.07', 'USD', '9007199254740993.07', 900_719_925_474_099_307n],
  ['9999999999999999.99', 'USD', '9999999999999999.99', 999_999_999_999_999_999n],
  ['7', 'JPY', '7', 7n],
  ['999999999999999999', 'JPY', '999999999999999999', 999_999_999_999_999_999n],
  ['1e17', 'JPY', '100000000000000000', 10n ** 17n],
  ['0.0000000000000000001e20', 'USD', '10.00', 1000n],
]

describe('an amount', () => {
  it.each(taken)('sent as the number %s %s is booked as %s exactly', (text, ...booked) =>
    expectBooked(text, ...booked),
  )

  it.each(taken)('sent as the string "%s" %s is booked as %s exactly', (text, ...booked) =>
    expectBooked(JSON.stringify(text), ...booked),
  )
})

const refused: [string, string, string][] = [
  ['is zero', '0', 'USD'],
  ['is zero with decimals', '0.00', 'USD'],
  ['is zero with an exponent', '0e5', 'USD'],
  ['is negative', '-1', 'USD'],
  ['is negative zero', '-0', 'USD'],
  ['has more decimals than the currency', '0.001', 'USD'],
  ['has trailing zeros beyond the currency’s decimals', '55.000', 'USD'],
  ['has decimals where the currency has none', '7.0', 'JPY'],
  ['has four decimals of three', '1.1500', 'BHD'],
  ['has decimals once its exponent is expanded', '1e-3', 'USD'],
  ['has trailing zeros once its exponent is expanded', '10000e-3', 'USD'],
  ['has 19 digits of minor units', '10000000000000000.00', 'USD'],
  ['has 19 digits of minor units after its exponent', '1e17', 'USD'],
  ['has an exponent above 20', '1e21', 'JPY'],
  ['has an exponent below -20', '100000000000000000000000e-21', 'USD'],
  ['has an exponent that is a number by itself', '1e999999999', 'USD'],
  ['has more than 40 characters', `0.${'0'.repeat(30)}1e+00000020`, 'JPY'],
]

describe('an amount that cannot be booked', () => {
  it.each(refused)('is refused as a number when it %s: %s %s', (_why, text, currency) =>
    expectRefused(text, currency),
  )

  it.each(refused)('is refused as a string when it %s: "%s" %s', (_why, text, currency) =>
    expectRefused(JSON.stringify(text), currency),
  )

  it.each([
    '',
    ' ',
    '+5',
    '.5',
    '5.',
    '055',
    '00',
    ' 55',
    '55 ',
    '55\n',
    '5,5',
    '5_5',
    '1 000',
    '0x10',
    '1e',
    '1e2.5',
    'NaN',
    'Infinity',
    '--5',
    '٥٥',
    '5٠',
    '55 USD',
    '5'.repeat(41),
    '5\u0000',
  ])('is refused when the string is no number of JSON: %j', (text) =>
    expectRefused(JSON.stringify(text), 'USD'),
  )

  it.each(['+5', '.5', '055', '5.', '0x10'])(
    'makes the whole notice unreadable when the number is none of JSON: %s',
    async (text) => {
      const answer = await tell(serving.url, noticeWithAmount(text))
      expectProblem(answer, { status: 400, code: 'json_unreadable' })
    },
  )
})

describe('a balance', () => {
  it('that would leave 64 bits refuses the payment, and the books stay as they were', async () => {
    const largest = noticeWithAmount('"999999999999999999"', 'KRW')
    for (let count = 1; count <= 9; count += 1)
      expect((await tell(serving.url, largest)).status).toBe(201)
    const one = await tell(serving.url, largest)
    expectProblem(one, { status: 422, code: 'balance_out_of_range', pointers: ['/amount'] })
    const { json } = await serving.api.get('/proofs?limit=1')
    expect(json.data[0].outcome).toBe('refused')
  })

  it('has all its digits in the API', async () => {
    const { json } = await serving.api.get('/accounts')
    const balances = json.data.map((one: { balance: string }) => one.balance)
    expect(balances).toContain('8999999999999999991')
    expect(balances).toContain('-8999999999999999991')
  })

  it('is the sum of exact amounts: the books balance after all of them', async () => {
    await expectBooksToBalance(giro)
  })
})
