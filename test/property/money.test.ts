import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readJsonPayment } from '../../src/intake/json-payment.ts'
import { exponentOf } from '../../src/platform/currency.ts'
import { formatAmount, parseAmount } from '../../src/platform/money.ts'

/** One currency for each number of decimals that there is. */
const currency = fc.constantFrom('JPY', 'USD', 'BHD', 'CLF')

const decimalsOf = { JPY: 0, USD: 2, BHD: 3, CLF: 4 } as const

type Currency = keyof typeof decimalsOf

type Parts = { minus: boolean; whole: string; fraction: string; power: number | null }

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength, maxLength })

const parts: fc.Arbitrary<Parts> = fc.record({
  minus: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
  whole: digits(1, 24).map((text) => text.replace(/^0+(?=\d)/, '')),
  fraction: fc.oneof(fc.constant(''), digits(1, 6), digits(1, 24)),
  power: fc.option(fc.oneof(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -30, max: 30 }))),
})

/** A number as JSON's grammar has it, in one of its spellings. */
const spelled = fc.tuple(parts, fc.constantFrom('e', 'E'), fc.constantFrom('', '+'))

function write([{ minus, whole, fraction, power }, e, plus]: [Parts, string, string]): string {
  const exponent = power === null ? '' : `${e}${power >= 0 ? plus : ''}${power}`
  return `${minus ? '-' : ''}${whole}${fraction && `.${fraction}`}${exponent}`
}

/**
 * What the contract says of a number, found in another way than by multiplying: the point is moved
 * along the digits, then the two halves are read.
 */
function oracle({ minus, whole, fraction, power }: Parts, decimals: number): bigint | null {
  const shift = power ?? 0
  if (minus || Math.abs(shift) > 20) return null
  let [left, right] = [whole, fraction]
  for (let i = 0; i < shift; i += 1) [left, right] = [left + (right[0] ?? '0'), right.slice(1)]
  for (let i = 0; i > shift; i -= 1)
    [left, right] = [left.slice(0, -1), (left.at(-1) ?? '0') + right]
  if (right.length > decimals) return null
  const minor = BigInt((left || '0') + right.padEnd(decimals, '0'))
  return minor === 0n || minor > 999_999_999_999_999_999n ? null : minor
}

describe('an amount', () => {
  it('is read exactly, or refused where the contract refuses it', () => {
    fc.assert(
      fc.property(spelled, currency, (number, of: Currency) => {
        const text = write(number)
        const expected = text.length > 40 ? null : oracle(number[0], decimalsOf[of])
        const read = parseAmount(text, of)
        expect(read.ok ? read.amount : null).toBe(expected)
      }),
      { numRuns: 5000 },
    )
  })

  it('comes back from its own writing, whatever it is', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 18n - 1n), currency, (amount, of) => {
        const text = formatAmount({ amount, currency: of })
        expect(parseAmount(text, of)).toEqual({ ok: true, amount })
      }),
      { numRuns: 2000 },
    )
  })

  it('is written with all the decimals of its currency, negative balances too', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 70n), 2n ** 70n), currency, (amount, of: Currency) => {
        const unit = 10n ** BigInt(decimalsOf[of])
        const size = amount < 0n ? -amount : amount
        const fraction = String((size % unit) + unit).slice(1)
        const whole = `${amount < 0n ? '-' : ''}${size / unit}`
        expect(formatAmount({ amount, currency: of })).toBe(
          fraction ? `${whole}.${fraction}` : whole,
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('is refused, and breaks nothing, where the text is no number of JSON', () => {
    const almost = fc.string({ unit: fc.constantFrom(...'0123456789.eE+- \n_,'), maxLength: 12 })
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), almost), currency, (text, of) => {
        fc.pre(!isJsonNumber(text))
        expect(parseAmount(text, of)).toMatchObject({ ok: false })
      }),
      { numRuns: 5000 },
    )
  })

  it('is refused quickly where the text is very long', () => {
    expect(parseAmount('9'.repeat(1_000_000), 'USD')).toMatchObject({ ok: false })
  })

  it.each([
    ['55', 'USD', 5500n],
    ['55.5', 'USD', 5550n],
    ['55.50', 'USD', 5550n],
    ['1e2', 'USD', 10_000n],
    ['1E+2', 'USD', 10_000n],
    ['5.5e1', 'JPY', 55n],
    ['0.1', 'USD', 10n],
    ['100e-2', 'USD', 100n],
    ['9007199254740993.07', 'USD', 900_719_925_474_099_307n],
    ['9999999999999999.99', 'USD', 999_999_999_999_999_999n],
    ['0.001', 'BHD', 1n],
  ])('reads %s %s', (text, of, amount) => {
    expect(parseAmount(text, of)).toEqual({ ok: true, amount })
  })

  it.each([
    ['+5', 'USD'],
    ['.5', 'USD'],
    ['5.', 'USD'],
    ['055', 'USD'],
    [' 55', 'USD'],
    ['55 ', 'USD'],
    ['55\n', 'USD'],
    ['', 'USD'],
    ['0', 'USD'],
    ['0.00', 'USD'],
    ['-0', 'USD'],
    ['-55', 'USD'],
    ['1.500', 'USD'],
    ['5.0', 'JPY'],
    ['1000e-3', 'USD'],
    ['1e21', 'USD'],
    ['1e-21', 'USD'],
    ['0e21', 'USD'],
    ['10000000000000000.00', 'USD'],
    ['1e17', 'USD'],
    ['1'.repeat(41), 'JPY'],
    ['0x10', 'USD'],
    ['1_000', 'USD'],
    ['1,000', 'USD'],
    ['NaN', 'USD'],
    ['Infinity', 'USD'],
    ['５５', 'USD'],
    ['٥٥', 'USD'],
    ['−5', 'USD'],
  ])('refuses %j %s', (text, of) => {
    expect(parseAmount(text, of)).toMatchObject({ ok: false })
  })
})

describe('an amount in a notice', () => {
  const headers = { 'content-type': 'application/json' }
  const read = (amount: string, of: string) =>
    readJsonPayment({
      headers,
      body: Buffer.from(
        `{"reference_number":"a","account_number":"b","amount":${amount},"currency":"${of}"}`,
      ),
      remoteAddress: '',
    })

  it('is the same as a string and as a number, to the last digit', () => {
    fc.assert(
      fc.property(spelled, currency, (number, of) => {
        const text = write(number)
        expect(read(text, of)).toEqual(read(`"${text}"`, of))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a currency', () => {
  it.each(Object.entries(decimalsOf))('%s has %d decimals', (code, decimals) => {
    expect(exponentOf(code)).toBe(decimals)
  })

  it.each(['usd', 'XXX', 'XTS', 'XAU', 'ZZZ', '', 'USD ', '__proto__', 'constructor'])(
    'is unknown as %j',
    (code) => {
      expect(exponentOf(code)).toBeUndefined()
    },
  )
})

/** JSON itself is the judge; it alone would also take blanks around the number. */
function isJsonNumber(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'number' && !/\s/.test(text)
  } catch {
    return false
  }
}
