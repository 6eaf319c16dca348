import { z } from 'zod'
import { type Decision, type Reading, viewTakenPayment } from '../payment/index.ts'
import { exponentOf } from '../platform/currency.ts'
import { contentRefusal } from '../platform/http/index.ts'
import { parseAmount } from '../platform/money.ts'
import type { FieldError, Refusal } from '../platform/problem.ts'
import { fieldErrors, JsonNumber, parseExactly, parseJson, safeText } from '../platform/text.ts'
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
    .union(
      [z.iso.date(), z.iso.datetime({ offset: true, local: true }).max(40)],
      'is not an ISO 8601 date or date-time of at most 40 characters',
    )
    .optional()
    .describe('date of the bank transfer'),
})

export function readJsonPayment({ headers, body }: Notice): Read {
  const media = contentRefusal(headers)
  if (media) return { ok: false, refusal: media }
  const parsed = parseJson(body)
  if (!parsed) return refused({ code: 'json_unreadable', detail: 'The body is not JSON in UTF-8.' })
  const exact = hasNumber(parsed.value) ? parseExactly(parsed.text) : parsed.value
  const shape = jsonPayment.safeParse(exact)
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

/** Only an amount that is a number needs the slower parser that keeps its text. */
function hasNumber(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'amount' in value
    ? typeof value.amount === 'number'
    : false
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
