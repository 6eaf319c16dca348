import { column, table } from '../platform/database/index.ts'
import type { PaymentStatus } from './payment.ts'

const { flag, money, nullable, text, time } = column

/**
 * References stand here as the bank sent them; `payer_id` and `partner_id` are whom they were
 * matched with, and are null where nobody was.
 */
export const payments = table('payments', {
  columns: {
    id: text(40),
    bank: text(64),
    referenceNumber: text(255),
    accountNumber: text(255),
    payerId: nullable(text(255)),
    partnerId: nullable(text(255)),
    amount: money(),
    currency: text(8),
    status: text<PaymentStatus>(16),
    processError: flag(),
    proofId: text(40),
    proofKey: text(160),
    bankTransactionId: nullable(text(255)),
    transferId: text(40),
    eventId: text(40),
    paymentBankDate: nullable(text(40)),
    paymentReceivedDate: time(),
    paymentProcessedDate: nullable(time()),
  },
  primary: ['id'],
  indexes: [
    {
      name: 'uq_payments_bank_transaction',
      columns: ['bank', 'bankTransactionId'],
      unique: true,
      where: 'bank_transaction_id IS NOT NULL',
    },
    { name: 'ix_payments_account_number', columns: ['accountNumber', 'id'] },
    { name: 'ix_payments_reference_number', columns: ['referenceNumber', 'id'] },
    { name: 'ix_payments_status', columns: ['status', 'id'] },
    { name: 'ix_payments_bank', columns: ['bank', 'id'] },
  ],
  checks: {
    ck_payments_amount: 'amount > 0',
    ck_payments_status: `status IN ('received', 'notified', 'failed', 'unrouted')`,
    ck_payments_processed: `(status = 'notified') = (payment_processed_date IS NOT NULL)`,
    ck_payments_error: `(status = 'failed') = process_error`,
  },
})
