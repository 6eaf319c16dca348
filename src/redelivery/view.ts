import { z } from 'zod'
import { deliveryStatuses } from '../delivery/index.ts'
import { toIso, toIsoOrNull } from '../platform/clock.ts'
import type { Redelivery } from './redelivery.ts'

export const redeliveryJson = z
  .object({
    id: z.string(),
    kind: z.enum(['again', 'replay']),
    status: z.enum(['running', 'done', 'canceled']),
    account_number: z.string().nullable(),
    route_id: z.string().nullable(),
    bank: z.string().nullable(),
    delivery_status: z.enum(deliveryStatuses).nullable(),
    from: z.iso.datetime().nullable(),
    to: z.iso.datetime().nullable(),
    looked_at: z.number().int().describe('how many rows were gone through so far'),
    redelivered: z.number().int().describe('how many of them were made due'),
    create_date: z.iso.datetime(),
    finish_date: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Redelivery' })

export const countedJson = z
  .object({
    count: z.number().int(),
    exact: z.boolean().describe('false: it would be at least so many'),
  })
  .meta({ id: 'CountedRedelivery' })

export function viewRedelivery(one: Redelivery) {
  return {
    id: one.id,
    kind: one.kind,
    status: one.status,
    account_number: one.accountId,
    route_id: one.routeId,
    bank: one.bank,
    delivery_status: one.deliveryStatus,
    from: toIsoOrNull(one.fromDate),
    to: toIsoOrNull(one.toDate),
    looked_at: one.looked,
    redelivered: one.handedOut,
    create_date: toIso(one.createDate),
    finish_date: toIsoOrNull(one.finishDate),
  }
}
