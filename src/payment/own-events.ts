import { idsForAccount as deliveriesFor } from '../delivery/index.ts'
import { byIds, type EventType, eventTypes, type Head, type OwnEvents } from '../event/index.ts'
import type { Reads } from '../platform/database/index.ts'
import * as store from './store.ts'

const kindOf = (type: EventType) => type.split('.')[0] ?? ''

/**
 * A partner sees what happens to its payments, deliveries, routes and their lanes. Whose an event
 * is, its subject knows, which is looked up by its key: so no event and no payment costs an index
 * more.
 */
export const ownEvents: OwnEvents = {
  types: (Object.keys(eventTypes) as EventType[]).filter((type) =>
    ['payment', 'delivery', 'route', 'lane'].includes(kindOf(type)),
  ),
  belong: (account) => async (db, heads) => {
    const of = (kind: string) => heads.filter(({ type }) => kindOf(type) === kind)
    const subjectsOf = (kind: string) => of(kind).map(({ subject }) => subject)
    const own = new Set([
      ...(await store.idsForAccount(db, account, subjectsOf('payment'))),
      ...(await deliveriesFor(db, account, subjectsOf('delivery'))),
    ])
    const known = heads.filter(({ subject }) => own.has(subject)).map(({ id }) => id)
    return new Set([...known, ...(await ofRoutes(db, account, [...of('route'), ...of('lane')]))])
  },
}

/** A route may be gone; what happened to it says whose it was. */
async function ofRoutes(db: Reads, account: string, heads: Head[]): Promise<string[]> {
  const events = await byIds(
    db,
    heads.map(({ id }) => id),
  )
  const isOwn = (data: string) =>
    (JSON.parse(data) as { account_id: string }).account_id === account
  return [...events.values()].filter(({ data }) => isOwn(data)).map(({ id }) => id)
}
