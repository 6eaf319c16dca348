import { z } from 'zod'
import { type Lanes, type Route, routeJson, showRoute } from '../party/index.ts'
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
import type { Own } from '../platform/own.ts'
import { type Delivery, deliveryStatuses } from './delivery.ts'
import { listDeliveries } from './list.ts'
import { readDelivery } from './read.ts'
import { reportsOf } from './reports.ts'
import type { Tested } from './try-route.ts'
import {
  deliveryJson,
  deliveryWithAttemptsJson,
  testedJson,
  viewDelivery,
  viewTested,
} from './view.ts'

type Deps = {
  database: Database
  redeliver: (own: Own, id: string) => Promise<Delivery>
  tryRoute: (accountId: string, id: string) => Promise<Tested>
  resume: (accountId: string, routeId: string) => Promise<Route>
  lanes: Lanes
}

const ofDelivery = z.object({ id: z.string() })

const ofRoute = z.object({ account_id: z.string(), id: z.string() })

export function deliveryEndpoints(deps: Deps): Endpoint[] {
  return [...ofDeliveries(deps), resumption(deps), trial(deps)]
}

function resumption({ database, resume, lanes }: Deps): Endpoint {
  return endpoint({
    method: 'post',
    path: '/partners/{account_id}/routes/{id}/resume',
    summary: 'Send on a route again at once, whatever its lane waits for; safe to repeat',
    scope: 'admin',
    params: ofRoute,
    answer: { status: 200, description: 'the route', schema: routeJson },
    refusals: ['not_found'],
    async handle({ params: { account_id, id } }) {
      const route = await resume(account_id, id)
      return ok(await database.read((db) => showRoute(db, route, lanes)))
    },
  })
}

function trial({ tryRoute }: Deps): Endpoint {
  return endpoint({
    method: 'post',
    path: '/partners/{account_id}/routes/{id}/test',
    summary: 'Send a sample event on a route; nothing of it is kept',
    scope: 'admin',
    params: ofRoute,
    answer: { status: 200, description: 'what came of it', schema: testedJson },
    refusals: ['not_found'],
    handle: async ({ params: { account_id, id } }) =>
      ok(viewTested(await tryRoute(account_id, id))),
  })
}

function ofDeliveries({ database, redeliver }: Deps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/deliveries',
      summary: 'List deliveries, newest first',
      scope: 'read',
      forPartners: true,
      query: z.strictObject({
        ...pageQuery,
        status: z.enum(deliveryStatuses).optional(),
        account_number: z.string().optional(),
      }),
      answer: { status: 200, description: 'a page of deliveries', schema: pageOf(deliveryJson) },
      refusals: [],
      handle({ query, own }) {
        const [filter, after] = [{ ...query, own }, idCursor(query)]
        return database.read(async (db) => {
          const rows = await listDeliveries(db, filter, query.limit + 1, after)
          const reports = await reportsOf(db, rows)
          const view = (one: Delivery) => viewDelivery(one, reports)
          return ok(toPage(rows, query, ({ id }) => [id], view))
        })
      },
    }),
    endpoint({
      method: 'get',
      path: '/deliveries/{id}',
      summary: 'Read a delivery with every attempt',
      scope: 'read',
      forPartners: true,
      params: ofDelivery,
      answer: { status: 200, description: 'the delivery', schema: deliveryWithAttemptsJson },
      refusals: ['not_found'],
      handle: async ({ params: { id }, own }) =>
        ok(await database.read((db) => readDelivery(db, own, id))),
    }),
    endpoint({
      method: 'post',
      path: '/deliveries/{id}/redeliver',
      summary: 'Deliver again, from the beginning of the schedule',
      scope: 'admin',
      forPartners: true,
      params: ofDelivery,
      answer: { status: 202, description: 'the delivery, due now', schema: deliveryJson },
      refusals: ['not_found', 'in_use'],
      async handle({ params, own }) {
        const delivery = await redeliver(own, params.id)
        const reports = await database.read((db) => reportsOf(db, [delivery]))
        return accepted(viewDelivery(delivery, reports))
      },
    }),
  ]
}
