import { append } from '../event/index.ts'
import type { Db } from '../platform/database/index.ts'
import type { Tools } from '../platform/tools.ts'
import type { Route } from './party.ts'
import * as store from './store.ts'

/**
 * Disables a route for a reason that is not an operator's; whether it was enabled. One that leads
 * elsewhere by now is not what was judged.
 */
export async function disableRoute(
  db: Db,
  route: Route,
  reason: string,
  { clock, newId }: Tools,
): Promise<boolean> {
  if (!(await store.disable(db, route))) return false
  const [id, time] = [newId('evt'), clock.now()]
  const data = { account_id: route.accountId, reason }
  await append(db, [{ id, type: 'route.disabled', subject: route.id, time, data }])
  return true
}
