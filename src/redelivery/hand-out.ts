import * as delivery from '../delivery/index.ts'
import { routesById } from '../party/index.ts'
import * as payment from '../payment/index.ts'
import type { Db } from '../platform/database/index.ts'
import type { Tools } from '../platform/tools.ts'
import { isAtRest, type Match } from './redelivery.ts'

/** The deliveries that are due now, and the first match for which it is too early. */
export type HandedOut = { ids: string[]; left: Match | undefined }

export type HandOut = (db: Db, matches: Match[], tools: Tools) => Promise<HandedOut>

/** Begins deliveries anew, unless somebody was faster. */
export const handOutAgain: HandOut = async (db, matches, tools) => {
  const wanted = new Set(matches.map(({ id }) => id))
  const siblings = await delivery.holdOfPayments(db, paymentIdsOf(matches))
  const now = tools.clock.now()
  const held = siblings.filter((one) => wanted.has(one.id) && isAtRest(one, now))
  if (held.length > 0) await delivery.requeue(db, held, { ...tools, onReopened: payment.reopen })
  return { ids: held.map(({ id }) => id), left: undefined }
}

/**
 * Makes deliveries that were never made. Whoever records that the other deliveries of a payment are
 * done may have looked for them before this one was there, so it waits while one is being sent.
 */
export const handOutFirst: HandOut = async (db, matches, { clock, newId }) => {
  const siblings = await delivery.holdOfPayments(db, paymentIdsOf(matches))
  const isOfBusy = ({ paymentId }: Match) =>
    siblings.some((one) => one.paymentId === paymentId && one.status === 'sending')
  const left = matches.find(isOfBusy)
  const early = left === undefined ? matches : matches.slice(0, matches.indexOf(left))
  const had = new Set(siblings.map((one) => `${one.paymentId} ${one.routeId}`))
  const fresh = early.filter(({ paymentId, routeId }) => !had.has(`${paymentId} ${routeId}`))
  const payments = await payment.paymentsById(db, paymentIdsOf(fresh))
  const routeIds = [...new Set(fresh.map(({ routeId }) => routeId))]
  const routes = await routesById(db, routeIds, db.held('refer'))
  const time = clock.now()
  const orders = fresh.flatMap(({ paymentId, routeId }) => {
    const [eventId, route] = [payments.get(paymentId)?.eventId, routes.get(routeId)]
    return eventId && route ? [{ paymentId, eventId, time, routes: [route] }] : []
  })
  const ids = await delivery.create(db, orders, newId, () => 0)
  const opened = orders.map(({ paymentId }) => paymentId)
  if (opened.length > 0) await payment.reopen(db, opened)
  return { ids, left }
}

function paymentIdsOf(matches: Match[]): string[] {
  return [...new Set(matches.map(({ paymentId }) => paymentId))]
}
