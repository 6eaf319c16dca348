import type { z } from 'zod'
import { append, type EventType } from '../event/index.ts'
import type { Database, Db } from '../platform/database/index.ts'
import { Refused } from '../platform/problem.ts'
import type { Vault } from '../platform/secret.ts'
import { check } from '../platform/text.ts'
import type { Tools } from '../platform/tools.ts'
import { contactError, inputs, newSecret, type Partner, type Payer, type Route } from './party.ts'
import * as store from './store.ts'
import { viewPartner, viewPayer, viewRoute } from './view.ts'

/** Says whether payments or deliveries refer to a party; compose knows who to ask. */
export type InUse = {
  payer(db: Db, id: string): Promise<boolean>
  partner(db: Db, accountId: string): Promise<boolean>
  route(db: Db, id: string): Promise<boolean>
}

type Deps = Tools & { database: Database; vault: Vault; inUse: InUse }

export type Parties = ReturnType<typeof createParties>

/** Keeps the register of who is who. Each change and its event are one transaction. */
export function createParties({ database, vault, inUse, clock, newId }: Deps) {
  const tell = (db: Db, type: EventType, subject: string, data: Record<string, unknown>) =>
    append(db, [{ id: newId('evt'), type, subject, time: clock.now(), data }])

  const addRoute = async (db: Db, accountId: string, given: GivenRoute, secret: string) => {
    await partnerOf(db, accountId)
    const added = newRoute(accountId, given, secret, { vault, clock, newId })
    await store.insertRoute(db, added.route)
    await tell(db, 'route.created', added.route.id, viewRoute(added.route))
    return added
  }

  return {
    createPayer: (given: z.input<typeof inputs.payer>) =>
      database.write(async (db) => {
        const checked = check(inputs.payer, given, 'The payer is not valid.')
        const payer = { ...checked, createDate: clock.now() }
        if ((await store.payersById(db, [payer.id])).has(payer.id))
          throw new Refused('already_exists', `The payer ${payer.id} exists already.`)
        await store.insertPayer(db, payer)
        await tell(db, 'payer.created', payer.id, viewPayer(payer))
        return payer
      }),

    changePayer: (id: string, change: z.input<typeof inputs.changeOfName>) =>
      database.write(async (db) => {
        const { name } = check(inputs.changeOfName, change, 'The change is not valid.')
        const payer = { ...(await payerOf(db, id)), name }
        await store.updatePayer(db, payer)
        await tell(db, 'payer.changed', id, viewPayer(payer))
        return payer
      }),

    deletePayer: (id: string) =>
      database.write(async (db) => {
        const payer = await payerOf(db, id)
        if (await inUse.payer(db, id)) throw new Refused('in_use', `Payments name the payer ${id}.`)
        await store.deletePayer(db, id)
        await tell(db, 'payer.deleted', id, viewPayer(payer))
      }),

    createPartner: (given: z.input<typeof inputs.partner>) =>
      database.write(async (db) => {
        const checked = check(inputs.partner, given, 'The partner is not valid.')
        const { account_id: accountId, name } = checked
        const partner = { accountId, name, createDate: clock.now() }
        if ((await store.partnersById(db, [partner.accountId])).has(partner.accountId))
          throw new Refused('already_exists', `The partner ${partner.accountId} exists already.`)
        await store.insertPartner(db, partner)
        await tell(db, 'partner.created', partner.accountId, viewPartner(partner, []))
        return partner
      }),

    changePartner: (accountId: string, change: z.input<typeof inputs.changeOfName>) =>
      database.write(async (db) => {
        const { name } = check(inputs.changeOfName, change, 'The change is not valid.')
        const partner = { ...(await partnerOf(db, accountId)), name }
        await store.updatePartner(db, partner)
        const routes = await store.routesOf(db, [accountId])
        await tell(db, 'partner.changed', accountId, viewPartner(partner, routes))
        return { partner, routes }
      }),

    deletePartner: (accountId: string) =>
      database.write(async (db) => {
        const partner = await partnerOf(db, accountId)
        if (await inUse.partner(db, accountId))
          throw new Refused('in_use', `Payments name the partner ${accountId}.`)
        const routes = await store.routesOf(db, [accountId])
        for (const route of routes) await store.deleteRoute(db, route.id)
        await store.deletePartner(db, accountId)
        await tell(db, 'partner.deleted', accountId, viewPartner(partner, routes))
      }),

    /** The secret is given out here, once; it is kept encrypted. */
    createRoute: (accountId: string, given: GivenRoute) =>
      database.write((db) => addRoute(db, accountId, given, newSecret())),

    /** Only where the partner has no route yet; whether it had none. The secret is the caller's. */
    createFirstRoute: (accountId: string, given: GivenRoute, secret: string) =>
      database.write(async (db) => {
        if ((await store.routesOf(db, [accountId])).length > 0) return false
        await addRoute(db, accountId, given, secret)
        return true
      }),

    changeRoute: (accountId: string, id: string, change: z.input<typeof inputs.changeOfRoute>) =>
      database.write(async (db) => {
        const checked = check(inputs.changeOfRoute, change, 'The change is not valid.')
        const old = await routeOf(db, accountId, id)
        const contactPath = checked.contact_path ?? old.contactPath
        const route = { ...old, contactPath, enabled: checked.enabled ?? old.enabled }
        requireContact(route)
        await store.updateRoute(db, route)
        await tell(db, 'route.changed', id, viewRoute(route))
        return route
      }),

    deleteRoute: (accountId: string, id: string) =>
      database.write(async (db) => {
        const route = await routeOf(db, accountId, id)
        if (await inUse.route(db, id))
          throw new Refused('in_use', `Deliveries went to the route ${id}; disable it instead.`)
        await store.deleteRoute(db, id)
        await tell(db, 'route.deleted', id, viewRoute(route))
      }),
  }
}

type GivenRoute = z.input<typeof inputs.route>

/** A route as it is kept, and its secret in clear where its method signs. */
function newRoute(
  accountId: string,
  given: GivenRoute,
  signingSecret: string,
  { vault, clock, newId }: Pick<Deps, 'vault' | 'clock' | 'newId'>,
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

async function payerOf(db: Db, id: string): Promise<Payer> {
  const payer = (await store.payersById(db, [id])).get(id)
  if (!payer) throw new Refused('not_found', `There is no payer ${id}.`)
  return payer
}

async function partnerOf(db: Db, accountId: string): Promise<Partner> {
  const partner = (await store.partnersById(db, [accountId])).get(accountId)
  if (!partner) throw new Refused('not_found', `There is no partner ${accountId}.`)
  return partner
}

async function routeOf(db: Db, accountId: string, id: string): Promise<Route> {
  const route = (await store.routesById(db, [id])).get(id)
  if (route?.accountId !== accountId)
    throw new Refused('not_found', `The partner ${accountId} has no route ${id}.`)
  return route
}
