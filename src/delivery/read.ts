import type { Reads } from '../platform/database/index.ts'
import { isOwn, type Own } from '../platform/own.ts'
import { Refused } from '../platform/problem.ts'
import { reportsOf } from './reports.ts'
import * as store from './store.ts'
import { viewWithAttempts } from './view.ts'

/** A delivery with every attempt. */
export async function readDelivery(db: Reads, own: Own, id: string) {
  const delivery = (await store.deliveriesById(db, [id])).get(id)
  if (!delivery || !isOwn(own, delivery.accountId)) throw noDelivery(id)
  const attempts = await store.attemptsOf(db, [id])
  return viewWithAttempts(delivery, attempts, await reportsOf(db, [delivery]))
}

/** It says the same of one that is another's and one that nobody has. */
export function noDelivery(id: string): Refused {
  return new Refused('not_found', `There is no delivery ${id}.`)
}
