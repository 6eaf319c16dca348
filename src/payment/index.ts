export { paymentEventTypes, paymentIdOf, viewHappened } from './happened.ts'
export { ownEvents } from './own-events.ts'
export {
  type Arrival,
  type Decision,
  type Payment,
  type PaymentRefusal,
  type PaymentStatus,
  paymentStatuses,
  type Reading,
} from './payment.ts'
export { reopen, settle } from './progress.ts'
export { readWhole } from './read.ts'
export { record } from './record.ts'
export { paymentEndpoints } from './routes.ts'
export { payments } from './schema.ts'
export {
  anyWithAccount,
  anyWithReference,
  followingPayments,
  listPayments,
  paymentsById,
} from './store.ts'
export { takenPaymentJson, viewPayment, viewTakenPayment } from './view.ts'
