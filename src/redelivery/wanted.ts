import { z } from 'zod'
import { deliveryStatuses } from '../delivery/index.ts'
import { isOwn, type Own } from '../platform/own.ts'
import { Refused } from '../platform/problem.ts'
import type { Wanted } from './redelivery.ts'

/** What is being sent cannot be begun anew, and what waits for its turn need not. */
export const redeliverableStatuses = deliveryStatuses.filter(
  (one) => one !== 'sending' && one !== 'waiting',
)

/** What deliveries are to be made again; payments are those received in the span. */
export const filterShape = {
  account_number: z.string().optional(),
  route_id: z.string().optional(),
  bank: z.string().optional(),
  status: z.enum(redeliverableStatuses).optional().describe('of the delivery'),
}

type Span = { from?: number | undefined; to?: number | undefined }

type Filter = Span & { [K in keyof typeof filterShape]?: z.output<(typeof filterShape)[K]> }

/**
 * Without a filter it would be all that was ever delivered, which nobody wants by mistake; to a
 * partner it is all that is its own.
 */
export function wantedAgain(own: Own, filter: Filter): Wanted {
  const { account_number = own ?? undefined, route_id, bank, status, from, to } = filter
  if (!isOwn(own, account_number ?? null))
    throw new Refused('not_found', `There is no partner ${account_number}.`)
  const given = [account_number, route_id, bank, status, from, to]
  if (given.every((one) => one === undefined))
    throw new Refused('invalid', 'Say which deliveries: name a partner, a route, a time.')
  return {
    kind: 'again',
    accountId: account_number ?? null,
    routeId: route_id ?? null,
    bank: bank ?? null,
    deliveryStatus: status ?? null,
    fromDate: from ?? null,
    toDate: to ?? null,
  }
}

/** What came for a partner before one of its routes was there, or while that was disabled. */
export function wantedReplay(accountId: string, routeId: string, { from, to }: Span): Wanted {
  const span = { fromDate: from ?? null, toDate: to ?? null }
  return { kind: 'replay', accountId, routeId, bank: null, deliveryStatus: null, ...span }
}
