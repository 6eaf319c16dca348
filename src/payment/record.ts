import * as delivery from '../delivery/index.ts'
import { append } from '../event/index.ts'
import * as ledger from '../ledger/index.ts'
import { partnersById, payersById, type Route, routesOf } from '../party/index.ts'
import type { Db } from '../platform/database/index.ts'
import { invariant } from '../platform/invariant.ts'
import { rounds } from '../platform/rounds.ts'
import type { Tools } from '../platform/tools.ts'
import {
  type Arrival,
  type Decision,
  decide,
  type Objection,
  type Payment,
  tellsTheSame,
} from './payment.ts'
import * as store from './store.ts'
import { toldPayment } from './view.ts'

/** `firstDelayMs` says of each delivery how long after the payment's arrival it is first due. */
type Deps = Tools & { firstDelayMs: (route: Route) => number }

/**
 * Records what arrived: decides each, moves the money, writes payment, event and deliveries. One
 * decision per arrival, in their order. Refusals are found before anything is written.
 */
export async function record(db: Db, arrivals: Arrival[], deps: Deps): Promise<Decision[]> {
  const decisions = new Map<Arrival, Decision>()
  for (const round of rounds(arrivals, transactionKey))
    await recordRound(db, round, decisions, deps)
  return arrivals.map((arrival) => {
    const decision = decisions.get(arrival)
    invariant(decision, 'every arrival is decided')
    return decision
  })
}

function transactionKey({ bank, reading }: Arrival): string | null {
  return reading.bankTransactionId === null ? null : `${bank} ${reading.bankTransactionId}`
}

async function recordRound(
  db: Db,
  arrivals: Arrival[],
  decisions: Map<Arrival, Decision>,
  deps: Deps,
): Promise<void> {
  const known = await knownTransactions(db, arrivals)
  const { payers, partners, routes } = await match(db, arrivals)
  const accepted: Arrival[] = []
  for (const arrival of arrivals) {
    const { reading } = arrival
    const before = known.get(transactionKey(arrival) ?? '')
    const payer = payers.get(reading.referenceNumber)
    const partner = partners.get(reading.accountNumber)
    const decided = decide(reading, { payer, partner })
    if (before) decisions.set(arrival, repeated(before, arrival))
    else if (!decided.accepted) decisions.set(arrival, refused(...decided.objections))
    else accepted.push(arrival)
  }

  const drafts = accepted.map((arrival) => draftOf(arrival, routes, deps))
  const posted = await moveMoney(db, drafts, deps.clock.now())
  const booked = drafts.filter((draft, i) => {
    const result = posted[i]
    invariant(result, 'every transfer is answered')
    if (result.ok) decisions.set(draft.arrival, { status: 'recorded', payment: draft.payment })
    else decisions.set(draft.arrival, refused(notBooked(result.refusal)))
    return result.ok
  })
  await write(db, booked, deps)
}

/** Payments that this bank has told before, by the transaction's key. */
async function knownTransactions(db: Db, arrivals: Arrival[]): Promise<Map<string, Payment>> {
  const known = new Map<string, Payment>()
  const named = arrivals.filter(({ reading }) => reading.bankTransactionId !== null)
  for (const [bank, some] of Map.groupBy(named, (arrival) => arrival.bank)) {
    const ids = some.map(({ reading }) => reading.bankTransactionId as string)
    for (const payment of await store.paymentsByTransaction(db, bank, ids))
      known.set(`${bank} ${payment.bankTransactionId}`, payment)
  }
  return known
}

/** Links references to payers and partners, and partners to the routes they want to hear on. */
async function match(db: Db, arrivals: Arrival[]) {
  const references = new Set(arrivals.map(({ reading }) => reading.referenceNumber))
  const accounts = new Set(arrivals.map(({ reading }) => reading.accountNumber))
  const held = db.held('refer')
  const [payers, partners, routes] = await Promise.all([
    payersById(db, [...references], held),
    partnersById(db, [...accounts], held),
    routesOf(db, [...accounts], held),
  ])
  const enabled = routes.filter((route) => route.enabled)
  return { payers, partners, routes: Map.groupBy(enabled, (route) => route.accountId) }
}

function repeated(before: Payment, { reading }: Arrival): Decision {
  if (tellsTheSame(before, reading)) return { status: 'duplicate', payment: before }
  return refused({
    code: 'transaction_conflict',
    field: 'bankTransactionId',
    detail: `the transaction ${reading.bankTransactionId} was told with other content before`,
  })
}

function refused(...objections: [Objection, ...Objection[]]): Decision {
  return { status: 'refused', objections }
}

function notBooked(refusal: ledger.LedgerRefusal): Objection {
  invariant(refusal === 'balance_out_of_range', `a payment is not refused for ${refusal}`)
  const detail = 'the balance of an account would leave 64 bits'
  return { code: 'balance_out_of_range', field: 'money', detail }
}

type Draft = { arrival: Arrival; payment: Payment; routes: Route[] }

function draftOf(arrival: Arrival, allRoutes: Map<string, Route[]>, { newId }: Deps): Draft {
  const { reading, proof } = arrival
  const routes = allRoutes.get(reading.accountNumber) ?? []
  const payment: Payment = {
    id: arrival.paymentId,
    bank: arrival.bank,
    referenceNumber: reading.referenceNumber,
    accountNumber: reading.accountNumber,
    payerId: reading.referenceNumber,
    partnerId: reading.accountNumber,
    amount: reading.money.amount,
    currency: reading.money.currency,
    status: routes.length > 0 ? 'received' : 'unrouted',
    processError: false,
    proofId: proof.id,
    proofKey: proof.key,
    bankTransactionId: reading.bankTransactionId,
    transferId: newId('trf'),
    eventId: newId('evt'),
    paymentBankDate: reading.paymentBankDate,
    paymentReceivedDate: arrival.receivedDate,
    paymentProcessedDate: null,
  }
  return { arrival, payment, routes }
}

/** A payment moves money from the bank's settlement account to the partner's account. */
async function moveMoney(db: Db, drafts: Draft[], time: number): Promise<ledger.Posted[]> {
  const transfers = drafts.map(({ payment }) => ({
    id: payment.transferId,
    debitAccount: `settlement:${payment.bank}:${payment.currency}`,
    creditAccount: `partner:${payment.partnerId}:${payment.currency}`,
    amount: payment.amount,
    currency: payment.currency,
  }))
  const open = transfers.flatMap(({ debitAccount, creditAccount, currency }) => [
    { id: debitAccount, currency, floor: null },
    { id: creditAccount, currency, floor: null },
  ])
  const groups = transfers.map((transfer) => ({ link: null, transfers: [transfer] }))
  return ledger.post(db, { groups, open, time })
}

async function write(db: Db, drafts: Draft[], { newId, firstDelayMs }: Deps): Promise<void> {
  await store.insertPayments(
    db,
    drafts.map(({ payment }) => payment),
  )
  await append(
    db,
    drafts.map(({ payment, arrival }) => ({
      id: payment.eventId,
      type: 'payment.received',
      subject: payment.id,
      time: payment.paymentReceivedDate,
      data: { payment: toldPayment(payment, arrival.proof.sha256) },
    })),
  )
  const orders = drafts.map(({ payment, routes }) => ({
    paymentId: payment.id,
    eventId: payment.eventId,
    time: payment.paymentReceivedDate,
    routes,
  }))
  await delivery.create(db, orders, newId, firstDelayMs)
}
