import { z } from 'zod'
import {
  type Attempt,
  type Delivery,
  deliveryWithAttemptsJson,
  viewWithAttempts,
} from '../delivery/index.ts'
import { type Transfer, transferJson, viewTransfer } from '../ledger/index.ts'
import { toIso, toIsoOrNull } from '../platform/clock.ts'
import { formatAmount } from '../platform/money.ts'
import { type Proof, proofJson, viewProof } from '../proof/index.ts'
import { type Payment, paymentStatuses } from './payment.ts'

export const paymentJson = z
  .object({
    id: z.string(),
    bank: z.string(),
    reference_number: z.string(),
    account_number: z.string(),
    amount: z.string().describe('in whole units, with all of the currency’s decimals'),
    currency: z.string(),
    status: z.enum(paymentStatuses),
    proof_key: z.string(),
    payment_bank_date: z.string().nullable().describe('as the bank sent it'),
    payment_received_date: z.iso.datetime(),
    payment_processed_date: z.iso.datetime().nullable(),
    process_error: z.boolean(),
  })
  .meta({ id: 'Payment' })

/** What a bank is told of the payment it sent: nothing that is Giro's own or still to come. */
export const takenPaymentJson = paymentJson
  .omit({ bank: true, payment_processed_date: true, process_error: true })
  .meta({ id: 'TakenPayment' })

export const wholePaymentJson = paymentJson
  .extend({
    bank_transaction_id: z.string().nullable(),
    proof: proofJson,
    transfer: transferJson,
    deliveries: z.array(deliveryWithAttemptsJson),
  })
  .meta({ id: 'WholePayment' })

/** What a partner is shown of a payment of its own. */
export const ownPaymentJson = paymentJson
  .extend({ proof_sha256: z.string(), deliveries: z.array(deliveryWithAttemptsJson) })
  .meta({ id: 'OwnPayment' })

export function viewTakenPayment(payment: Payment) {
  return {
    id: payment.id,
    reference_number: payment.referenceNumber,
    account_number: payment.accountNumber,
    amount: formatAmount(payment),
    currency: payment.currency,
    status: payment.status,
    proof_key: payment.proofKey,
    payment_bank_date: payment.paymentBankDate,
    payment_received_date: toIso(payment.paymentReceivedDate),
  }
}

export function viewPayment(payment: Payment) {
  return {
    ...viewTakenPayment(payment),
    bank: payment.bank,
    payment_processed_date: toIsoOrNull(payment.paymentProcessedDate),
    process_error: payment.processError,
  }
}

type Whole = {
  payment: Payment
  proof: Proof
  transfer: Transfer
  deliveries: Delivery[]
  attempts: Attempt[]
  reports: Parameters<typeof viewWithAttempts>[2]
}

export function viewWholePayment(whole: Whole) {
  const { payment, proof, transfer, deliveries, attempts, reports } = whole
  return {
    ...viewPayment(payment),
    bank_transaction_id: payment.bankTransactionId,
    proof: viewProof(proof),
    transfer: viewTransfer(transfer),
    deliveries: deliveries.map((delivery) => viewWithAttempts(delivery, attempts, reports)),
  }
}

export function viewOwnPayment({ payment, proof, deliveries, attempts, reports }: Whole) {
  return {
    ...viewPayment(payment),
    proof_sha256: proof.sha256,
    deliveries: deliveries.map((delivery) => viewWithAttempts(delivery, attempts, reports)),
  }
}

/** What partners are told of a payment: only what never changes. */
export function toldPayment(payment: Payment, proofSha256: string) {
  return {
    id: payment.id,
    bank: payment.bank,
    reference_number: payment.referenceNumber,
    account_number: payment.accountNumber,
    amount: formatAmount(payment),
    currency: payment.currency,
    payment_bank_date: payment.paymentBankDate,
    payment_received_date: toIso(payment.paymentReceivedDate),
    proof_sha256: proofSha256,
  }
}
