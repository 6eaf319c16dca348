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
  timeQuery,
  toPage,
} from '../platform/http/index.ts'
import { isOwn, type Own } from '../platform/own.ts'
import { Refused } from '../platform/problem.ts'
import type { Redeliveries } from './ask.ts'
import type { Wanted } from './redelivery.ts'
import * as store from './store.ts'
import { countedJson, redeliveryJson, viewRedelivery } from './view.ts'
import { filterShape, wantedAgain, wantedReplay } from './wanted.ts'

type Deps = { database: Database; redeliveries: Redeliveries }

const ofRedelivery = z.object({ id: z.string() })
const dryRun = z.boolean().default(false).describe('only say how many it would be')

const started = {
  status: 202,
  description: 'the redelivery; with dry_run, how many it would be',
  schema: z.union([redeliveryJson, countedJson]),
}

export function redeliveryEndpoints(deps: Deps): Endpoint[] {
  return [...startEndpoints(deps), ...progressEndpoints(deps)]
}

function startEndpoints({ redeliveries }: Deps): Endpoint[] {
  const start = async (own: Own, wanted: Wanted, isDry: boolean) =>
    accepted(
      isDry
        ? await redeliveries.count(wanted)
        : viewRedelivery(await redeliveries.start(wanted, own)),
    )
  return [
    endpoint({
      method: 'post',
      path: '/redeliveries',
      summary: 'Deliver again all that match, in the background and behind live traffic',
      scope: 'admin',
      forPartners: true,
      body: z.strictObject({ ...filterShape, ...timeQuery, dry_run: dryRun }),
      answer: started,
      refusals: ['not_found', 'in_use'],
      handle: ({ body: { dry_run, ...filter }, own }) =>
        start(own, wantedAgain(own, filter), dry_run),
    }),
    endpoint({
      method: 'post',
      path: '/partners/{account_id}/routes/{id}/replay',
      summary: 'Deliver on a route the payments of its partner that it never had',
      scope: 'admin',
      params: z.object({ account_id: z.string(), id: z.string() }),
      body: z.strictObject({ ...timeQuery, dry_run: dryRun }),
      answer: started,
      refusals: ['not_found'],
      handle: ({ params: { account_id, id }, body: { dry_run, ...span }, own }) =>
        start(own, wantedReplay(account_id, id, span), dry_run),
    }),
  ]
}

function progressEndpoints({ database, redeliveries }: Deps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/redeliveries',
      summary: 'List redeliveries, newest first',
      scope: 'read',
      forPartners: true,
      query: z.strictObject(pageQuery),
      answer: { status: 200, description: 'a page of them', schema: pageOf(redeliveryJson) },
      refusals: [],
      async handle({ query, own }) {
        const [limit, after] = [query.limit + 1, idCursor(query)]
        const rows = await database.read((db) => store.listRedeliveries(db, own, limit, after))
        return ok(toPage(rows, query, ({ id }) => [id], viewRedelivery))
      },
    }),
    endpoint({
      method: 'get',
      path: '/redeliveries/{id}',
      summary: 'Read how far a redelivery is',
      scope: 'read',
      forPartners: true,
      params: ofRedelivery,
      answer: { status: 200, description: 'the redelivery', schema: redeliveryJson },
      refusals: ['not_found'],
      async handle({ params: { id }, own }) {
        const found = await database.read((db) => store.redeliveryById(db, id))
        if (!found || !isOwn(own, found.accountId))
          throw new Refused('not_found', `There is no redelivery ${id}.`)
        return ok(viewRedelivery(found))
      },
    }),
    endpoint({
      method: 'post',
      path: '/redeliveries/{id}/cancel',
      summary: 'Hand out no more of a redelivery',
      scope: 'admin',
      params: ofRedelivery,
      answer: { status: 200, description: 'the redelivery', schema: redeliveryJson },
      refusals: ['not_found'],
      handle: async ({ params: { id } }) => ok(viewRedelivery(await redeliveries.cancel(id))),
    }),
  ]
}
