import * as delivery from '../delivery/index.ts'
import { routesById, routesOf } from '../party/index.ts'
import * as payment from '../payment/index.ts'
import type { Reads } from '../platform/database/index.ts'
import { idsFrom } from '../platform/id.ts'
import { isAtRest, type Look, type Looked, type Search } from './redelivery.ts'

/**
 * Deliveries that were there when it was asked for. They are gone through by the index that passes
 * over the fewest; the rest of the filter is judged here, so that a step is never long.
 */
export const lookForDeliveries: Look = async (db, search, most) => {
  const { accountId, routeId, deliveryStatus, createDate, place } = search
  const routeIds = routeId !== null ? [routeId] : await routesOfPartner(db, accountId)
  const only = { status: deliveryStatus ?? undefined, routeIds }
  const range = { after: place, until: idsFrom('dlv', createDate), most }
  const next = await delivery.followingDeliveries(db, only, range)
  const fitting = next.filter(
    (one) =>
      isAtRest(one, createDate) &&
      (deliveryStatus === null || one.status === deliveryStatus) &&
      (routeIds === undefined || routeIds.includes(one.routeId)),
  )
  const paid = await paymentsThatFit(db, search, fitting)
  const sendable = await onEnabled(db, fitting)
  return {
    ids: next.map(({ id }) => id),
    matches: sendable.filter(({ paymentId }) => paid.has(paymentId)),
    isLast: next.length < most,
  }
}

async function routesOfPartner(db: Reads, accountId: string | null): Promise<string[] | undefined> {
  if (accountId === null) return undefined
  return (await routesOf(db, [accountId])).map(({ id }) => id)
}

async function paymentsThatFit(
  db: Reads,
  search: Search,
  deliveries: delivery.Delivery[],
): Promise<Set<string>> {
  const ids = [...new Set(deliveries.map(({ paymentId }) => paymentId))]
  const { bank, fromDate, toDate } = search
  if (bank === null && fromDate === null && toDate === null) return new Set(ids)
  const found = await payment.paymentsById(db, ids)
  return new Set(ids.filter((id) => fits(found.get(id), search)))
}

function fits(one: payment.Payment | undefined, { bank, fromDate, toDate }: Search): boolean {
  if (!one || (bank !== null && one.bank !== bank)) return false
  const { paymentReceivedDate: time } = one
  return (fromDate === null || time >= fromDate) && (toDate === null || time < toDate)
}

/** Payments of a partner that its route never had. */
export const lookForPayments: Look = async (db, search, most): Promise<Looked> => {
  const { accountId, routeId, createDate, place } = search
  if (accountId === null || routeId === null) return { ids: [], matches: [], isLast: true }
  const range = { after: place, until: idsFrom('pay', createDate), most }
  const next = await payment.followingPayments(db, accountId, range)
  const fitting = next.filter((one) => fits(one, search)).map(({ id }) => id)
  const made = await delivery.ofPayments(db, fitting)
  const had = new Set(made.filter((one) => one.routeId === routeId).map((one) => one.paymentId))
  const missing = fitting.filter((id) => !had.has(id))
  return {
    ids: next.map(({ id }) => id),
    matches: await onEnabled(
      db,
      missing.map((id) => ({ id, paymentId: id, routeId })),
    ),
    isLast: next.length < most,
  }
}

/** Those whose routes send anything: the others would be waited for without end. */
export async function onEnabled<T extends { routeId: string }>(db: Reads, some: T[]): Promise<T[]> {
  const routes = await routesById(db, [...new Set(some.map(({ routeId }) => routeId))])
  return some.filter(({ routeId }) => routes.get(routeId)?.enabled)
}
