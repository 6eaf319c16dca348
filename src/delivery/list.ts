import { routesOf } from '../party/index.ts'
import type { Reads } from '../platform/database/index.ts'
import type { Delivery, DeliveryStatus } from './delivery.ts'
import * as store from './store.ts'

export type DeliveryFilter = {
  status?: DeliveryStatus | undefined
  account_number?: string | undefined
}

/** Newest first. A partner's deliveries are those on its routes, of which it has a few. */
export async function listDeliveries(
  db: Reads,
  { status, account_number }: DeliveryFilter,
  limit: number,
  after: string | null,
): Promise<Delivery[]> {
  const page = { limit, after }
  if (account_number === undefined) return store.listDeliveries(db, { status }, page)
  const routes = await routesOf(db, [account_number])
  return store.listDeliveries(db, { status, routeIds: routes.map(({ id }) => id) }, page)
}
