import { z } from 'zod'
import type { Database } from '../platform/database/index.ts'
import {
  accepted,
  type Endpoint,
  endpoint,
  idCursor,
  ok,
  pageOf,
  pageQuery,
  toPage,
} from '../platform/http/index.ts'
import { Refused } from '../platform/problem.ts'
import { type Delivery, deliveryStatuses } from './delivery.ts'
import { listDeliveries } from './list.ts'
import * as store from './store.ts'
import type { Tested } from './try-route.ts'
import {
  deliveryJson,
  deliveryWithAttemptsJson,
  testedJson,
  viewDelivery,
  viewTested,
  viewWithAttempts,
} from './view.ts'

type Deps = {
  database: Database
  redeliver: (id: string) => Promise<Delivery>
  tryRoute: (accountId: string, id: string) => Promise<Tested>
}

const ofDelivery = z.object({ id: z.string() })

export function deliveryEndpoints({ database, redeliver, tryRoute }: Deps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/deliveries',
      summary: 'List deliveries, newest first',
      scope: 'read',
      query: z.strictObject({
        ...pageQuery,
        status: z.enum(deliveryStatuses).optional(),
        account_number: z.string().optional(),
      }),
      answer: { status: 200, description: 'a page of deliveries', schema: pageOf(deliveryJson) },
      refusals: [],
      async handle({ query }) {
        const after = idCursor(query)
        const rows = await database.read((db) => listDeliveries(db, query, query.limit + 1, after))
        return ok(toPage(rows, query, ({ id }) => [id], viewDelivery))
      },
    }),
    endpoint({
      method: 'get',
      path: '/deliveries/{id}',
      summary: 'Read a delivery with every attempt',
      scope: 'read',
      params: ofDelivery,
      answer: { status: 200, description: 'the delivery', schema: deliveryWithAttemptsJson },
      refusals: ['not_found'],
      handle: ({ params: { id } }) =>
        database.read(async (db) => {
          const delivery = (await store.deliveriesById(db, [id])).get(id)
          if (!delivery) throw new Refused('not_found', `There is no delivery ${id}.`)
          return ok(viewWithAttempts(delivery, await store.attemptsOf(db, [id])))
        }),
    }),
    endpoint({
      method: 'post',
      path: '/deliveries/{id}/redeliver',
      summary: 'Deliver again, from the beginning of the schedule',
      scope: 'admin',
      params: ofDelivery,
      answer: { status: 202, description: 'the delivery, due now', schema: deliveryJson },
      refusals: ['not_found', 'in_use'],
      handle: async ({ params }) => accepted(viewDelivery(await redeliver(params.id))),
    }),
    endpoint({
      method: 'post',
      path: '/partners/{account_id}/routes/{id}/test',
      summary: 'Send a sample event on a route; nothing of it is kept',
      scope: 'admin',
      params: z.object({ account_id: z.string(), id: z.string() }),
      answer: { status: 200, description: 'what came of it', schema: testedJson },
      refusals: ['not_found'],
      handle: async ({ params: { account_id, id } }) =>
        ok(viewTested(await tryRoute(account_id, id))),
    }),
  ]
}
