import { z } from 'zod'
import { type Decision, type Reading, viewTakenPayment } from '../payment/index.ts'
import { exponentOf } from '../platform/currency.ts'
import { contentRefusal } from '../platform/http/index.ts'
import { parseAmount } from '../platform/money.ts'
import type { FieldError, Refusal } from '../platform/problem.ts'
import { fieldErrors, JsonNumber, memberNumber, parseJson, safeText } from '../platform/text.ts'
import type { BankAnswer, Notice, Read } from './bank.ts'

const jsonNumber = z.instanceof(JsonNumber).meta({ override: { type: 'number' } })

/** A notice of one payment as a JSON object, as the sample bank sends it. */
export const jsonPayment = z.object({
  reference_number: safeText(1, 255).describe("the payer's id"),
  account_number: safeText(1, 255).describe("the partner's account"),
  amount: z
    .union([z.string(), jsonNumber], 'must be a string or a number')
    .describe('in whole currency units, such as "55" or "55.50"'),
  currency: z.string().describe('ISO 4217, upper case'),
  payment_date: z
    .string()
    .max(40, 'has more than 40 characters')
    .refine(isIsoDateOrTime, 'is not an ISO 8601 date or date-time')
    .optional()
    .describe('date of the bank transfer'),
})

export function readJsonPayment({ headers, body }: Notice): Read {
  const media = contentRefusal(headers)
  if (media) return { ok: false, refusal: media }
  const parsed = parseJson(body)
  if (!parsed) return refused({ code: 'json_unreadable', detail: 'The body is not JSON in UTF-8.' })
  const shape = jsonPayment.safeParse(withExactAmount(parsed))
  if (!shape.success) return refused(invalid('invalid', fieldErrors(shape.error)))

  const { currency, amount } = shape.data
  if (exponentOf(currency) === undefined)
    return refused(invalid('currency_unknown', [wrong('/currency', `${quoted(currency)} is none`)]))
  const read = parseAmount(amount instanceof JsonNumber ? amount.text : amount, currency)
  if (!read.ok) return refused(invalid('amount_invalid', [wrong('/amount', read.detail)]))
  return { ok: true, readings: [reading(shape.data, read.amount)] }
}

/** 201 with the payment; for a refusal, all objections with the member each is about. */
export function answerJsonPayment([decision]: Decision[]): BankAnswer {
  if (!decision) throw new Error('a notice of one payment has one decision')
  if (decision.status !== 'refused') {
    const body = JSON.stringify(viewTakenPayment(decision.payment))
    return { ok: true, status: 201, contentType: 'application/json', body }
  }
  const [first] = decision.objections
  const errors = decision.objections.map(({ field, detail }) => wrong(pointers[field], detail))
  return refused(invalid(first.code, errors))
}

/** Where in the notice each part of a reading stands. */
const pointers: Record<keyof Reading, string> = {
  referenceNumber: '/reference_number',
  accountNumber: '/account_number',
  money: '/amount',
  paymentBankDate: '/payment_date',
  bankTransactionId: '',
}

function reading(notice: z.output<typeof jsonPayment>, amount: bigint): Reading {
  return {
    referenceNumber: notice.reference_number,
    accountNumber: notice.account_number,
    money: { amount, currency: notice.currency },
    paymentBankDate: notice.payment_date ?? null,
    bankTransactionId: null,
  }
}

/** An amount that is a number is read from its text; JSON's own reading would round it. */
function withExactAmount({ value, text }: { value: unknown; text: string }): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (!('amount' in value) || typeof value.amount !== 'number') return value
  return { ...value, amount: memberNumber(text, 'amount') }
}

/** The time of a date-time (ISO 8601-1, 5.3 and 5.4): seconds and offset may be left out. */
const timeOfDay =
  /^([01]\d|2[0-3]):?[0-5]\d(:?[0-5]\d([.,]\d+)?)?(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)?$/

function isIsoDateOrTime(text: string): boolean {
  const [date, time, ...rest] = text.split('T')
  if (rest.length > 0 || !z.iso.date().safeParse(date).success) return false
  return time === undefined || timeOfDay.test(time)
}

function invalid(code: Refusal['code'], errors: FieldError[]): Refusal {
  const details = errors.map(({ pointer, detail }) => `${pointer || 'the notice'} ${detail}`)
  return { code, detail: `The notice is refused: ${details.join('; ')}.`, errors }
}

function wrong(pointer: string, detail: string): FieldError {
  return { pointer, detail }
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 20))
}

function refused(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal }
}
