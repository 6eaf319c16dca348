import type { z } from 'zod'
import type { Db, Reads, Sql } from '../platform/database/index.ts'
import type { Guard } from '../platform/outbound/index.ts'
import { Refused } from '../platform/problem.ts'
import { holdKey } from '../platform/secret-key.ts'
import { check } from '../platform/text.ts'
import { calling, requireTokenUrl, seals } from './calling.ts'
import type { KeepDeps } from './keep.ts'
import { partnerOf } from './keep-partners.ts'
import {
  type CheckedChange,
  contactError,
  digestError,
  inputs,
  keptOrdering,
  type NotifyMethod,
  type Route,
} from './party.ts'
import { keptPolicy, requireTimeLimit } from './policy.ts'
import { newSigning, type Signing, shownSecret } from './secret.ts'
import * as store from './store.ts'
import { viewRoute } from './view.ts'

type GivenRoute = z.input<typeof inputs.route>
type CheckedRoute = z.output<typeof inputs.route>
type ChangeOfRoute = z.input<typeof inputs.changeOfRoute>

export function keepRoutes(deps: KeepDeps) {
  const { database, vault, guard, inUse, lanes, leaseMs, onOrdered, clock, tell } = deps
  const addRoute = async (db: Db, accountId: string, checked: CheckedRoute, signing: Signing) => {
    await partnerOf(db, accountId, 'refer')
    const added = newRoute(accountId, checked, signing, deps)
    await store.insertRoute(db, added.route)
    await tell(db, 'route.created', added.route.id, viewRoute(added.route))
    await lanes.saved(db, added.route, null)
    return added
  }

  return {
    /** What is secret is given out here, once; it is kept encrypted. */
    async createRoute(accountId: string, given: GivenRoute) {
      const checked = await checkedRoute(given, deps)
      const signing = newSigning(checked.signature ?? 'v1')
      return database.write(async (db) => {
        await holdKey(db, vault)
        return addRoute(db, accountId, checked, signing)
      })
    },

    /** Only where the partner has no route yet; whether it had none. The secret is the caller's. */
    async createFirstRoute(accountId: string, given: GivenRoute, secret: string) {
      const checked = await checkedRoute(given, deps)
      return database.write(async (db) => {
        await holdKey(db, vault)
        // Another that asks the same waits here, and then finds the route.
        await partnerOf(db, accountId, 'change')
        if ((await store.routesOf(db, [accountId])).length > 0) return false
        await addRoute(db, accountId, checked, { secret, publicKey: null })
        return true
      })
    },

    /** Where the route leads is judged only if that is changed: any can be enabled and disabled. */
    async changeRoute(accountId: string, id: string, change: ChangeOfRoute) {
      const checked = check(inputs.changeOfRoute, change, 'The change is not valid.')
      requireTimeLimit(checked, leaseMs)
      const { contact_path: to } = checked
      if (to !== undefined) {
        const { notifyMethod } = await database.read((db) => routeOf(db, accountId, id))
        await requireContact(guard, notifyMethod, to)
      }
      await requireTokenUrl(guard, checked)
      return database.write(async (db) => {
        if (seals(checked)) await holdKey(db, vault)
        const old = await holdToChange(db, accountId, id, checked)
        const now = calling(old, checked, { vault, clock })
        const route = { ...old, ...now, ...telling(old, checked) }
        await store.updateRoute(db, route)
        await tell(db, 'route.changed', id, viewRoute(route))
        await lanes.saved(db, route, old)
        if (route.ordering !== old.ordering) await onOrdered(db, route, clock.now())
        return route
      })
    },

    deleteRoute: (accountId: string, id: string) =>
      database.write(async (db) => {
        const route = await routeOf(db, accountId, id, db.held('remove'))
        if (await inUse.route(db, id))
          throw new Refused('in_use', `Deliveries went to the route ${id}; disable it instead.`)
        await lanes.removed(db, id)
        await store.deleteRoute(db, id)
        await tell(db, 'route.deleted', id, viewRoute(route))
      }),
  }
}

/** Before the unit that saves it, since name servers may be asked. */
async function checkedRoute(
  given: GivenRoute,
  { guard, leaseMs }: Pick<KeepDeps, 'guard' | 'leaseMs'>,
): Promise<CheckedRoute> {
  const checked = check(inputs.route, given, 'The route is not valid.')
  requireTimeLimit(checked, leaseMs)
  await requireContact(guard, checked.notify_method, checked.contact_path)
  await requireTokenUrl(guard, checked)
  return checked
}

/** A route as it is kept, and what is shown of its secret, in clear. */
function newRoute(
  accountId: string,
  checked: CheckedRoute,
  signing: Signing,
  { vault, clock, newId }: Pick<KeepDeps, 'vault' | 'clock' | 'newId'>,
) {
  const { notify_method: notifyMethod, contact_path: contactPath } = checked
  const signs = notifyMethod === 'api'
  const none = { notifyMethod, headers: null, auth: null, clientCertificate: null }
  const route: Route = {
    ...calling(none, checked, { vault, clock }),
    id: newId('rte'),
    accountId,
    contactPath,
    secret: signs ? vault.seal(signing.secret) : null,
    enabled: true,
    createDate: clock.now(),
    publicKey: signs ? signing.publicKey : null,
    digest: checked.digest ?? null,
    ordering: keptOrdering(checked.ordering),
    policy: keptPolicy(null, checked),
  }
  return { route, secret: signs ? shownSecret(signing) : null }
}

/** Another ordering waits for all who make deliveries under the one before, and they for it. */
function holdToChange(db: Db, accountId: string, id: string, { ordering }: CheckedChange) {
  return routeOf(db, accountId, id, db.held(ordering === undefined ? 'change' : 'remove'))
}

/** Where, whether and how payments are told from now on; what is not said stays. */
function telling(old: Route, change: CheckedChange) {
  const { contact_path: contactPath = old.contactPath, enabled = old.enabled } = change
  const { digest = old.digest } = change
  const ordering = change.ordering === undefined ? old.ordering : keptOrdering(change.ordering)
  const wrong = digestError({ notifyMethod: old.notifyMethod, digest, ordering })
  if (wrong !== null) throw new Refused('invalid', 'The change is not valid.', [wrong])
  return { contactPath, enabled, digest, ordering, policy: keptPolicy(old.policy, change) }
}

/** An address or a number leads to the mail server or the provider that the operator chose. */
async function requireContact(guard: Guard, method: NotifyMethod, to: string): Promise<void> {
  const wrong = contactError(method, to)
  const detail = wrong?.detail ?? (method === 'api' ? await guard.judgeResolved(to) : null)
  if (detail === null) return
  const pointer = wrong?.pointer ?? '/contact_path'
  throw new Refused('invalid', `The contact path ${detail}.`, [{ pointer, detail }])
}

export async function routeOf(
  db: Reads,
  accountId: string,
  id: string,
  held?: Sql,
): Promise<Route> {
  const route = (await store.routesById(db, [id], held)).get(id)
  if (route?.accountId !== accountId)
    throw new Refused('not_found', `The partner ${accountId} has no route ${id}.`)
  return route
}
