import { z } from 'zod'
import type { Database } from '../platform/database/index.ts'
import {
  created,
  dateCursor,
  type Endpoint,
  endpoint,
  idCursor,
  noContent,
  ok,
  pageOf,
  pageQuery,
  toPage,
} from '../platform/http/index.ts'
import { Refused } from '../platform/problem.ts'
import type { Parties } from './keep.ts'
import type { Lanes } from './lane.ts'
import { inputs } from './party.ts'
import * as store from './store.ts'
import {
  newRouteJson,
  partnerJson,
  payerJson,
  rotatedRouteJson,
  routeJson,
  showRoute,
  showRoutes,
  viewPartner,
  viewPayer,
  viewRotation,
} from './view.ts'

type Deps = { database: Database; parties: Parties; lanes: Lanes }

const page = z.strictObject(pageQuery)
const ofPayer = z.object({ id: z.string() })
const ofPartner = z.object({ account_id: z.string() })
const ofRoute = z.object({ account_id: z.string(), id: z.string() })
const deleted = { status: 204, description: 'deleted' }

export function partyEndpoints(deps: Deps): Endpoint[] {
  return [
    ...payerEndpoints(deps),
    ...partnerEndpoints(deps),
    ...routeEndpoints(deps),
    ...routeChanges(deps),
    ...secretChanges(deps),
  ]
}

function payerEndpoints({ database, parties }: Deps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/payers',
      summary: 'List payers, newest first',
      scope: 'read',
      query: page,
      answer: { status: 200, description: 'a page of payers', schema: pageOf(payerJson) },
      refusals: [],
      async handle({ query }) {
        const after = dateCursor(query)
        const rows = await database.read((db) => store.listPayers(db, query.limit + 1, after))
        return ok(toPage(rows, query, (one) => [one.createDate, one.id], viewPayer))
      },
    }),
    endpoint({
      method: 'post',
      path: '/payers',
      summary: 'Create a payer',
      scope: 'admin',
      body: inputs.payer,
      answer: { status: 201, description: 'the payer', schema: payerJson },
      refusals: ['already_exists'],
      handle: async ({ body }) => created(viewPayer(await parties.createPayer(body))),
    }),
    endpoint({
      method: 'get',
      path: '/payers/{id}',
      summary: 'Read a payer',
      scope: 'read',
      params: ofPayer,
      answer: { status: 200, description: 'the payer', schema: payerJson },
      refusals: ['not_found'],
      async handle({ params: { id } }) {
        const payer = (await database.read((db) => store.payersById(db, [id]))).get(id)
        if (!payer) throw new Refused('not_found', `There is no payer ${id}.`)
        return ok(viewPayer(payer))
      },
    }),
    endpoint({
      method: 'patch',
      path: '/payers/{id}',
      summary: 'Change a payer',
      scope: 'admin',
      params: ofPayer,
      body: inputs.changeOfName,
      answer: { status: 200, description: 'the payer', schema: payerJson },
      refusals: ['not_found'],
      handle: async ({ params, body }) => ok(viewPayer(await parties.changePayer(params.id, body))),
    }),
    endpoint({
      method: 'delete',
      path: '/payers/{id}',
      summary: 'Delete a payer that no payment names',
      scope: 'admin',
      params: ofPayer,
      answer: deleted,
      refusals: ['not_found', 'in_use'],
      async handle({ params }) {
        await parties.deletePayer(params.id)
        return noContent
      },
    }),
  ]
}

function partnerEndpoints({ database, parties, lanes }: Deps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/partners',
      summary: 'List partners with their routes, newest first',
      scope: 'read',
      query: page,
      answer: { status: 200, description: 'a page of partners', schema: pageOf(partnerJson) },
      refusals: [],
      handle: ({ query }) =>
        database.read(async (db) => {
          const rows = await store.listPartners(db, query.limit + 1, dateCursor(query))
          const accountIds = rows.map(({ accountId }) => accountId)
          const routes = await showRoutes(db, await store.routesOf(db, accountIds), lanes)
          const keyOf = (one: (typeof rows)[0]) => [one.createDate, one.accountId]
          return ok(toPage(rows, query, keyOf, (one) => viewPartner(one, routes)))
        }),
    }),
    endpoint({
      method: 'post',
      path: '/partners',
      summary: 'Create a partner',
      scope: 'admin',
      body: inputs.partner,
      answer: { status: 201, description: 'the partner', schema: partnerJson },
      refusals: ['already_exists'],
      handle: async ({ body }) => created(viewPartner(await parties.createPartner(body), [])),
    }),
    endpoint({
      method: 'get',
      path: '/partners/{account_id}',
      summary: 'Read a partner with its routes',
      scope: 'read',
      params: ofPartner,
      answer: { status: 200, description: 'the partner', schema: partnerJson },
      refusals: ['not_found'],
      handle: async ({ params }) => ok(await readPartner({ database, lanes }, params.account_id)),
    }),
    endpoint({
      method: 'patch',
      path: '/partners/{account_id}',
      summary: 'Change a partner',
      scope: 'admin',
      params: ofPartner,
      body: inputs.changeOfPartner,
      answer: { status: 200, description: 'the partner', schema: partnerJson },
      refusals: ['not_found'],
      async handle({ params, body }) {
        await parties.changePartner(params.account_id, body)
        return ok(await readPartner({ database, lanes }, params.account_id))
      },
    }),
    endpoint({
      method: 'delete',
      path: '/partners/{account_id}',
      summary: 'Delete a partner that no payment names, and its routes',
      scope: 'admin',
      params: ofPartner,
      answer: deleted,
      refusals: ['not_found', 'in_use'],
      async handle({ params }) {
        await parties.deletePartner(params.account_id)
        return noContent
      },
    }),
  ]
}

function routeEndpoints({ database, parties, lanes }: Deps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/partners/{account_id}/routes',
      summary: 'List the routes of a partner, newest first',
      scope: 'read',
      forPartners: true,
      params: ofPartner,
      query: page,
      answer: { status: 200, description: 'a page of routes', schema: pageOf(routeJson) },
      refusals: ['not_found'],
      async handle({ params, query }) {
        const after = idCursor(query)
        const { routes } = await readPartner({ database, lanes }, params.account_id)
        const older = routes.toReversed().filter(({ id }) => after === null || id < after)
        return ok(
          toPage(
            older.slice(0, query.limit + 1),
            query,
            ({ id }) => [id],
            (one) => one,
          ),
        )
      },
    }),
    endpoint({
      method: 'post',
      path: '/partners/{account_id}/routes',
      summary: 'Give a partner a route; the answer shows its secret once',
      scope: 'admin',
      params: ofPartner,
      body: inputs.route,
      answer: { status: 201, description: 'the route with its secret', schema: newRouteJson },
      refusals: ['not_found'],
      async handle({ params, body }) {
        const { route, secret } = await parties.createRoute(params.account_id, body)
        const shown = await database.read((db) => showRoute(db, route, lanes))
        return created({ ...shown, secret })
      },
    }),
  ]
}

function secretChanges({ database, parties, lanes }: Deps): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/partners/{account_id}/routes/{id}/rotate-secret',
      summary: 'Give a route a new secret, shown once; the old ones sign as well for a while',
      scope: 'admin',
      forPartners: true,
      params: ofRoute,
      body: inputs.rotation,
      answer: { status: 200, description: 'the route as it signs now', schema: rotatedRouteJson },
      refusals: ['not_found', 'in_use'],
      async handle({ params: { account_id, id }, body }) {
        const rotated = await parties.rotateSecret(account_id, id, body)
        const shown = await database.read((db) => showRoute(db, rotated.route, lanes))
        return ok({ ...shown, ...viewRotation(rotated), secret: rotated.secret })
      },
    }),
  ]
}

function routeChanges({ database, parties, lanes }: Deps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/partners/{account_id}/routes/{id}',
      summary: 'Read a route',
      scope: 'read',
      forPartners: true,
      params: ofRoute,
      answer: { status: 200, description: 'the route', schema: routeJson },
      refusals: ['not_found'],
      async handle({ params }) {
        const { routes } = await readPartner({ database, lanes }, params.account_id)
        const route = routes.find(({ id }) => id === params.id)
        if (!route) throw new Refused('not_found', `There is no route ${params.id}.`)
        return ok(route)
      },
    }),
    endpoint({
      method: 'patch',
      path: '/partners/{account_id}/routes/{id}',
      summary: 'Change where a route leads, how it wants to be told, or whether it is',
      scope: 'admin',
      params: ofRoute,
      body: inputs.changeOfRoute,
      answer: { status: 200, description: 'the route', schema: routeJson },
      refusals: ['not_found'],
      async handle({ params: { account_id, id }, body }) {
        const route = await parties.changeRoute(account_id, id, body)
        return ok(await database.read((db) => showRoute(db, route, lanes)))
      },
    }),
    endpoint({
      method: 'delete',
      path: '/partners/{account_id}/routes/{id}',
      summary: 'Delete a route that no delivery took',
      scope: 'admin',
      params: ofRoute,
      answer: deleted,
      refusals: ['not_found', 'in_use'],
      async handle({ params }) {
        await parties.deleteRoute(params.account_id, params.id)
        return noContent
      },
    }),
  ]
}

async function readPartner({ database, lanes }: Omit<Deps, 'parties'>, accountId: string) {
  return database.read(async (db) => {
    const partner = (await store.partnersById(db, [accountId])).get(accountId)
    if (!partner) throw new Refused('not_found', `There is no partner ${accountId}.`)
    return viewPartner(partner, await showRoutes(db, await store.routesOf(db, [accountId]), lanes))
  })
}
