import type { z } from 'zod'
import type { Db, Purpose } from '../platform/database/index.ts'
import { Refused } from '../platform/problem.ts'
import { check } from '../platform/text.ts'
import type { KeepDeps } from './keep.ts'
import { inputs, type Partner } from './party.ts'
import * as store from './store.ts'
import { viewPartner, viewRoute } from './view.ts'

export function keepPartners(deps: KeepDeps) {
  const { database, inUse, lanes, onPartnerRemoved, clock, tell } = deps
  return {
    createPartner: (given: z.input<typeof inputs.partner>) =>
      database.write(async (db) => {
        const checked = check(inputs.partner, given, 'The partner is not valid.')
        const { account_id: accountId, name, contact_email: contactEmail = null } = checked
        const partner = { accountId, name, contactEmail, createDate: clock.now() }
        if ((await store.partnersById(db, [partner.accountId])).has(partner.accountId))
          throw new Refused('already_exists', `The partner ${partner.accountId} exists already.`)
        await store.insertPartner(db, partner)
        await tell(db, 'partner.created', partner.accountId, viewPartner(partner, []))
        return partner
      }),

    changePartner: (accountId: string, change: z.input<typeof inputs.changeOfPartner>) =>
      database.write(async (db) => {
        const checked = check(inputs.changeOfPartner, change, 'The change is not valid.')
        const old = await partnerOf(db, accountId, 'change')
        const { name = old.name, contact_email: contactEmail = old.contactEmail } = checked
        const partner = { ...old, name, contactEmail }
        await store.updatePartner(db, partner)
        const routes = await store.routesOf(db, [accountId])
        await tell(db, 'partner.changed', accountId, viewPartner(partner, routes.map(viewRoute)))
        return partner
      }),

    deletePartner: (accountId: string) =>
      database.write(async (db) => {
        const partner = await partnerOf(db, accountId, 'remove')
        if (await inUse.partner(db, accountId))
          throw new Refused('in_use', `Payments name the partner ${accountId}.`)
        const routes = await store.routesOf(db, [accountId], db.held('remove'))
        for (const route of routes) {
          await lanes.removed(db, route.id)
          await store.deleteRoute(db, route.id)
        }
        await store.deletePartner(db, accountId)
        await onPartnerRemoved(db, accountId)
        await tell(db, 'partner.deleted', accountId, viewPartner(partner, routes.map(viewRoute)))
      }),
  }
}

export async function partnerOf(db: Db, accountId: string, purpose: Purpose): Promise<Partner> {
  const partners = await store.partnersById(db, [accountId], db.held(purpose))
  const partner = partners.get(accountId)
  if (!partner) throw new Refused('not_found', `There is no partner ${accountId}.`)
  return partner
}
