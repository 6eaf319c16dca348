import { exponentOf } from './currency.ts'
import { invariant } from './invariant.ts'

/** An amount in minor units of a currency: 55 dollars are `{ amount: 5500n, currency: 'USD' }`. */
export type Money = { amount: bigint; currency: string }

export type AmountRead = { ok: true; amount: bigint } | { ok: false; detail: string }

const maxText = 40
const maxExponent = 20
const maxDigits = 18

/** The grammar of a number in JSON (RFC 8259, section 6), taken apart. */
const jsonNumber = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/**
 * Reads the text of an amount in whole currency units into minor units, exactly. Decimals count
 * after the exponent is expanded, trailing zeros too: `5.5e1` has none, `1.500` has three.
 */
export function parseAmount(text: string, currency: string): AmountRead {
  const exponent = exponentOf(currency)
  invariant(exponent !== undefined, `the currency ${currency} is known before an amount is read`)
  if (text.length > maxText) return refused(`has more than ${maxText} characters`)
  const parts = jsonNumber.exec(text)
  if (!parts) return refused('is not a decimal number such as "55" or "55.50"')

  const [, sign, whole = '', fraction = '', power = '0'] = parts
  const shift = Number(power)
  if (Math.abs(shift) > maxExponent) return refused(`has an exponent beyond ±${maxExponent}`)
  const decimals = Math.max(0, fraction.length - shift)
  if (decimals > exponent) return refused(tooManyDecimals(decimals, exponent, currency))
  if (sign) return refused('must not be negative')

  const digits = BigInt(whole + fraction)
  if (digits === 0n) return refused('must be more than zero')
  const amount = digits * 10n ** BigInt(exponent - fraction.length + shift)
  if (String(amount).length > maxDigits) return refused(`has more than ${maxDigits} digits`)
  return { ok: true, amount }
}

/** Writes minor units with all of the currency's decimals: `55.00`, `-0.05`, `7` in yen. */
export function formatAmount({ amount, currency }: Money): string {
  const exponent = exponentOf(currency)
  invariant(exponent !== undefined, `a stored amount has a known currency, not ${currency}`)
  const sign = amount < 0n ? '-' : ''
  const digits = String(amount < 0n ? -amount : amount).padStart(exponent + 1, '0')
  if (exponent === 0) return sign + digits
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

function tooManyDecimals(decimals: number, exponent: number, currency: string): string {
  return `has ${decimals} decimals, and ${currency} has ${exponent}`
}

function refused(detail: string): AmountRead {
  return { ok: false, detail }
}
