import type { Database } from '../../src/platform/database/index.ts'
import { advance } from '../../src/redelivery/advance.ts'
import type { Wanted } from '../../src/redelivery/index.ts'
import { createRedeliveries } from '../../src/redelivery/index.ts'
import { roadWithPayments } from './claiming.ts'
import type { Road } from './road.ts'

/** How many may wait for their first try. */
export const most = 5

/** A road whose payments are a while old, with what people ask of redeliveries. */
export async function redelivering(given: { routes: number; count: number }) {
  const road = await roadWithPayments(given)
  road.clock.advance(60_000)
  const redeliveries = createRedeliveries({ ...road.tools, database: road.database })
  return { road, redeliveries }
}

/** One step of a daemon, over a door of its own where one is given. */
export function stepOf(road: Road, holder: string, database: Database = road.database) {
  return advance({ ...road.tools, database, holder, most })
}

/** All deliveries, unless the change says which. */
export function wanted(change: Partial<Wanted> = {}): Wanted {
  return {
    kind: 'again',
    accountId: null,
    routeId: null,
    bank: null,
    deliveryStatus: null,
    fromDate: null,
    toDate: null,
    ...change,
  }
}
