import { attemptsOf, ofPayments, reportsOf } from '../delivery/index.ts'
import { transfersById } from '../ledger/index.ts'
import type { Reads } from '../platform/database/index.ts'
import { invariant } from '../platform/invariant.ts'
import { everyones, isOwn, type Own } from '../platform/own.ts'
import { proofsById } from '../proof/index.ts'
import * as store from './store.ts'
import { viewOwnPayment, viewWholePayment } from './view.ts'

/**
 * The whole life of a payment: its proof, its transfer, its deliveries and every attempt. A notice
 * may tell of payments to others as well, so of the proof a partner is told the hash.
 */
export async function readWhole(db: Reads, own: Own, id: string) {
  const payment = (await store.paymentsById(db, [id])).get(id)
  if (!payment || !isOwn(own, payment.accountNumber)) return null
  const proof = (await proofsById(db, [payment.proofId])).get(payment.proofId)
  const [transfer] = await transfersById(db, [payment.transferId])
  invariant(proof && transfer, `the proof and the transfer of ${id} are kept`)
  const deliveries = await ofPayments(db, [id])
  const attempts = await attemptsOf(
    db,
    deliveries.map((delivery) => delivery.id),
  )
  const reports = await reportsOf(db, deliveries)
  const whole = { payment, proof, transfer, deliveries, attempts, reports }
  return own === everyones ? viewWholePayment(whole) : viewOwnPayment(whole)
}
