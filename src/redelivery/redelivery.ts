import type { Delivery } from '../delivery/index.ts'
import type { Reads, Row } from '../platform/database/index.ts'
import type { redeliveries } from './schema.ts'

/**
 * `running` until all that match are handed out and were tried (`done`), or until somebody wants no
 * more (`canceled`): what was handed out by then stays so.
 */
export type RedeliveryStatus = 'running' | 'done' | 'canceled'

export type Redelivery = Row<typeof redeliveries>

/** What is to be delivered again, or for the first time on a new route. */
export type Wanted = Pick<
  Redelivery,
  'kind' | 'accountId' | 'routeId' | 'bank' | 'deliveryStatus' | 'fromDate' | 'toDate'
>

/** What a redelivery has to know to look for more. */
export type Search = Wanted & Pick<Redelivery, 'place' | 'createDate'>

/** A delivery that is to be made, by its id, or that of the payment it is to be made for. */
export type Match = { id: string; paymentId: string; routeId: string }

/** Of the next that were looked at, in the order of their ids, those that match. */
export type Looked = { ids: string[]; matches: Match[]; isLast: boolean }

/** Looks at the next, so many at most, however few of them match. */
export type Look = (db: Reads, search: Search, most: number) => Promise<Looked>

/**
 * Whether a delivery may be begun anew by the way: what is being sent, or only waits for a slot or
 * for its turn, is on its way already.
 */
export function isAtRest({ status, dueDate }: Delivery, now: number): boolean {
  const isAway = status === 'sending' || status === 'waiting'
  return !isAway && (dueDate === null || dueDate > now)
}

/**
 * Whether a delivery that was begun anew has not been tried since. What goes in a digest takes no
 * slot until that is due, and then one for all.
 */
export function waits({ status, attempts, digestId }: Delivery): boolean {
  return digestId === null && (status === 'sending' || (status === 'pending' && attempts === 0))
}
