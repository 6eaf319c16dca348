import type { z } from 'zod'
import type { Db, Purpose } from '../platform/database/index.ts'
import { Refused } from '../platform/problem.ts'
import { check } from '../platform/text.ts'
import type { KeepDeps } from './keep.ts'
import { partnerOf } from './keep-partners.ts'
import { contactError, inputs, newSecret, type Route } from './party.ts'
import * as store from './store.ts'
import { viewRoute } from './view.ts'

type GivenRoute = z.input<typeof inputs.route>

export function keepRoutes({ database, vault, inUse, clock, newId, tell }: KeepDeps) {
  const addRoute = async (db: Db, accountId: string, given: GivenRoute, secret: string) => {
    await partnerOf(db, accountId, 'refer')
    const added = newRoute(accountId, given, secret, { vault, clock, newId })
    await store.insertRoute(db, added.route)
    await tell(db, 'route.created', added.route.id, viewRoute(added.route))
    return added
  }

  return {
    /** The secret is given out here, once; it is kept encrypted. */
    createRoute: (accountId: string, given: GivenRoute) =>
      database.write((db) => addRoute(db, accountId, given, newSecret())),

    /** Only where the partner has no route yet; whether it had none. The secret is the caller's. */
    createFirstRoute: (accountId: string, given: GivenRoute, secret: string) =>
      database.write(async (db) => {
        // Another that asks the same waits here, and then finds the route.
        await partnerOf(db, accountId, 'change')
        if ((await store.routesOf(db, [accountId])).length > 0) return false
        await addRoute(db, accountId, given, secret)
        return true
      }),

    changeRoute: (accountId: string, id: string, change: z.input<typeof inputs.changeOfRoute>) =>
      database.write(async (db) => {
        const checked = check(inputs.changeOfRoute, change, 'The change is not valid.')
        const old = await routeOf(db, accountId, id, 'change')
        const contactPath = checked.contact_path ?? old.contactPath
        const route = { ...old, contactPath, enabled: checked.enabled ?? old.enabled }
        requireContact(route)
        await store.updateRoute(db, route)
        await tell(db, 'route.changed', id, viewRoute(route))
        return route
      }),

    deleteRoute: (accountId: string, id: string) =>
      database.write(async (db) => {
        const route = await routeOf(db, accountId, id, 'remove')
        if (await inUse.route(db, id))
          throw new Refused('in_use', `Deliveries went to the route ${id}; disable it instead.`)
        await store.deleteRoute(db, id)
        await tell(db, 'route.deleted', id, viewRoute(route))
      }),
  }
}

/** A route as it is kept, and its secret in clear where its method signs. */
function newRoute(
  accountId: string,
  given: GivenRoute,
  signingSecret: string,
  { vault, clock, newId }: Pick<KeepDeps, 'vault' | 'clock' | 'newId'>,
) {
  const checked = check(inputs.route, given, 'The route is not valid.')
  const secret = checked.notify_method === 'api' ? signingSecret : null
  const route: Route = {
    id: newId('rte'),
    accountId,
    notifyMethod: checked.notify_method,
    contactPath: checked.contact_path,
    secret: secret === null ? null : vault.seal(secret),
    enabled: true,
    createDate: clock.now(),
  }
  requireContact(route)
  return { route, secret }
}

function requireContact(route: Pick<Route, 'notifyMethod' | 'contactPath'>): void {
  const wrong = contactError(route.notifyMethod, route.contactPath)
  if (wrong) throw new Refused('invalid', `The contact path ${wrong.detail}.`, [wrong])
}

async function routeOf(db: Db, accountId: string, id: string, purpose: Purpose): Promise<Route> {
  const route = (await store.routesById(db, [id], db.held(purpose))).get(id)
  if (route?.accountId !== accountId)
    throw new Refused('not_found', `The partner ${accountId} has no route ${id}.`)
  return route
}
