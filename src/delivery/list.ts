import { routesOf } from '../party/index.ts'
import type { Reads } from '../platform/database/index.ts'
import { isOwn, type Own } from '../platform/own.ts'
import type { Delivery, DeliveryStatus } from './delivery.ts'
import * as store from './store.ts'

export type DeliveryFilter = {
  own: Own
  status?: DeliveryStatus | undefined
  account_number?: string | undefined
}

/** Newest first. A partner's deliveries are those on its routes, of which it has a few. */
export async function listDeliveries(
  db: Reads,
  { own, status, account_number = own ?? undefined }: DeliveryFilter,
  limit: number,
  after: string | null,
): Promise<Delivery[]> {
  if (!isOwn(own, account_number ?? null)) return []
  const page = { limit, after }
  if (account_number === undefined) return store.listDeliveries(db, { status }, page)
  const routes = await routesOf(db, [account_number])
  return store.listDeliveries(db, { status, routeIds: routes.map(({ id }) => id) }, page)
}
