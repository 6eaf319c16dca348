import type { Partner, Payer } from '../party/index.ts'
import type { Row } from '../platform/database/index.ts'
import type { Money } from '../platform/money.ts'
import type { payments } from './schema.ts'

/**
 * What a person wants to know of a payment. `received`: a delivery is open; `notified`: all are
 * delivered; `failed`: none is open and one has given up; `unrouted`: the partner had no route.
 */
export type PaymentStatus = 'received' | 'notified' | 'failed' | 'unrouted'

export const paymentStatuses = [
  'received',
  'notified',
  'failed',
  'unrouted',
] as const satisfies readonly PaymentStatus[]

export type Payment = Row<typeof payments>

/** What an adapter read out of a notice: money for a partner, in the bank's words. */
export type Reading = {
  referenceNumber: string
  accountNumber: string
  money: Money
  /** As the bank wrote it, ISO 8601; null when it said nothing. */
  paymentBankDate: string | null
  /** The bank's own name for the transaction, unique at this bank; null when it gives none. */
  bankTransactionId: string | null
}

/** A reading on its way in. The id is made before the unit of work, so a repeat makes no other. */
export type Arrival = {
  paymentId: string
  bank: string
  proof: { id: string; key: string; sha256: string }
  receivedDate: number
  reading: Reading
}

/** Why a payment is not recorded, in the order in which it is checked. */
export type PaymentRefusal =
  | 'transaction_conflict'
  | 'payer_unknown'
  | 'partner_unknown'
  | 'balance_out_of_range'

/** A reason and the part of the reading it is about. */
export type Objection = { code: PaymentRefusal; field: keyof Reading; detail: string }

export type Decision =
  | { status: 'recorded'; payment: Payment }
  | { status: 'duplicate'; payment: Payment }
  | { status: 'refused'; objections: [Objection, ...Objection[]] }

type Parties = { payer: Payer | undefined; partner: Partner | undefined }

/** Whose money this is, or why nobody can say. Money without an owner would be held here. */
export function decide(reading: Reading, { payer, partner }: Parties): Decided {
  const objections: Objection[] = []
  if (!payer)
    objections.push({
      code: 'payer_unknown',
      field: 'referenceNumber',
      detail: `no payer has the id ${reading.referenceNumber}`,
    })
  if (!partner)
    objections.push({
      code: 'partner_unknown',
      field: 'accountNumber',
      detail: `no partner has the account ${reading.accountNumber}`,
    })
  const [first, ...others] = objections
  if (first) return { accepted: false, objections: [first, ...others] }
  return { accepted: true }
}

type Decided = { accepted: true } | { accepted: false; objections: [Objection, ...Objection[]] }

/** Whether the bank told the same transaction again, or another one under the same name. */
export function tellsTheSame(payment: Payment, reading: Reading): boolean {
  return (
    payment.referenceNumber === reading.referenceNumber &&
    payment.accountNumber === reading.accountNumber &&
    payment.amount === reading.money.amount &&
    payment.currency === reading.money.currency &&
    payment.paymentBankDate === reading.paymentBankDate
  )
}
