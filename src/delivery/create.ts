import { isStrict, type Route } from '../party/index.ts'
import type { Db } from '../platform/database/index.ts'
import type { Tools } from '../platform/tools.ts'
import type { Delivery } from './delivery.ts'
import { digestDue } from './digest.ts'
import * as store from './store.ts'
import { inLine, standInLine } from './strict.ts'

/** Something a partner is to hear: one event, on each of these routes. */
export type Order = { paymentId: string; eventId: string; time: number; routes: Route[] }

/** Writes one delivery per payment and route; the daemon hears of them at the commit. Their ids. */
export async function create(
  db: Db,
  orders: Order[],
  newId: Tools['newId'],
  firstDelayMs: (route: Route) => number,
): Promise<string[]> {
  const waiting: Delivery[] = []
  const rows = orders.flatMap(({ paymentId, eventId, time, routes }) =>
    routes.map((route) => {
      const row: Delivery = {
        id: newId('dlv'),
        paymentId,
        accountId: route.accountId,
        routeId: route.id,
        notifyMethod: route.notifyMethod,
        eventId,
        status: 'pending',
        attempts: 0,
        dueDate: route.digest === null ? time + firstDelayMs(route) : digestDue(route.digest, time),
        claimId: null,
        createDate: time,
        finishDate: null,
        digestId: route.digest === null ? null : route.id,
      }
      if (!isStrict(route)) return row
      waiting.push(row)
      return inLine(row)
    }),
  )
  await store.insertDeliveries(db, rows)
  await standInLine(db, waiting)
  if (rows.length > 0) db.announce('deliveries')
  return rows.map(({ id }) => id)
}
