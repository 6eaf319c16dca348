import { attemptsOf, ofPayments } from '../delivery/index.ts'
import { transfersById } from '../ledger/index.ts'
import type { Reads } from '../platform/database/index.ts'
import { invariant } from '../platform/invariant.ts'
import { proofsById } from '../proof/index.ts'
import * as store from './store.ts'
import { viewWholePayment } from './view.ts'

/** The whole life of a payment: its proof, its transfer, its deliveries and every attempt. */
export async function readWhole(db: Reads, id: string) {
  const payment = (await store.paymentsById(db, [id])).get(id)
  if (!payment) return null
  const proof = (await proofsById(db, [payment.proofId])).get(payment.proofId)
  const [transfer] = await transfersById(db, [payment.transferId])
  invariant(proof && transfer, `the proof and the transfer of ${id} are kept`)
  const deliveries = await ofPayments(db, [id])
  const attempts = await attemptsOf(
    db,
    deliveries.map((delivery) => delivery.id),
  )
  return viewWholePayment({ payment, proof, transfer, deliveries, attempts })
}
