import { z } from 'zod'
import { toIso } from '../platform/clock.ts'
import type { Reads } from '../platform/database/index.ts'
import { invariant } from '../platform/invariant.ts'
import { authJson, shownAuth } from './auth.ts'
import { certificateJson, shownCertificate } from './client-certificate.ts'
import { headerNames } from './headers.ts'
import { type Lanes, laneJson } from './lane.ts'
import { digests, notifyMethods, orderings, type Partner, type Payer, type Route } from './party.ts'
import { policyJson, viewPolicy } from './policy.ts'
import { schemeOf, schemes } from './secret.ts'

/** A route whose secret is another from now on; the old ones sign beside it for a while. */
type Rotation = { route: Route; oldSecretEndDate: number }

export const payerJson = z
  .object({ id: z.string(), name: z.string(), create_date: z.iso.datetime() })
  .meta({ id: 'Payer' })

export const routeJson = z
  .object({
    id: z.string(),
    account_id: z.string(),
    notify_method: z.enum(notifyMethods),
    contact_path: z.string(),
    enabled: z.boolean(),
    ordering: z.enum(orderings),
    signature: z.enum(schemes).nullable().describe('null where the method signs not'),
    header_names: z.array(z.string()).describe('of the headers that each webhook has beside'),
    auth: authJson.nullable().describe('without what is secret'),
    client_certificate: certificateJson.nullable(),
    public_key: z.string().nullable().describe('what a partner verifies v1a with'),
    digest: z.enum(digests).nullable().describe('how often an e-mail tells of all payments'),
    ...policyJson,
    lane: laneJson,
    create_date: z.iso.datetime(),
  })
  .meta({ id: 'Route' })

export const newRouteJson = routeJson
  .extend({
    secret: z.string().nullable().describe('what a partner verifies v1 with, shown this once'),
  })
  .meta({ id: 'NewRoute' })

export const rotatedRouteJson = newRouteJson
  .extend({
    old_secret_end_date: z.iso.datetime().describe('until then, secrets before it sign as well'),
  })
  .meta({ id: 'RotatedRoute' })

export const partnerJson = z
  .object({
    account_id: z.string(),
    name: z.string(),
    contact_email: z.string().nullable().describe('whom to write to about its routes'),
    create_date: z.iso.datetime(),
    routes: z.array(routeJson),
  })
  .meta({ id: 'Partner' })

export function viewPayer({ id, name, createDate }: Payer) {
  return { id, name, create_date: toIso(createDate) }
}

export function viewRoute(route: Route) {
  return {
    id: route.id,
    account_id: route.accountId,
    notify_method: route.notifyMethod,
    contact_path: route.contactPath,
    enabled: route.enabled,
    ordering: route.ordering ?? ('none' as const),
    signature: schemeOf(route),
    header_names: headerNames(route.headers),
    auth: shownAuth(route.auth),
    client_certificate: shownCertificate(route.clientCertificate),
    public_key: route.publicKey,
    digest: route.digest,
    ...viewPolicy(route.policy),
    create_date: toIso(route.createDate),
  }
}

/** A route with how it stands with its lane now. */
export async function showRoute(db: Reads, route: Route, lanes: Lanes) {
  const [shown] = await showRoutes(db, [route], lanes)
  invariant(shown, 'a route that is given is shown')
  return shown
}

export async function showRoutes(db: Reads, routes: Route[], lanes: Lanes) {
  const known = await lanes.view(
    db,
    routes.map(({ id }) => id),
  )
  return routes.map((route) => {
    const lane = known.get(route.id)
    invariant(lane, 'every route has a lane')
    return { ...viewRoute(route), lane }
  })
}

export function viewRotation({ route, oldSecretEndDate }: Rotation) {
  return { ...viewRoute(route), old_secret_end_date: toIso(oldSecretEndDate) }
}

/** With those of the routes that are its own. */
export function viewPartner<R extends { account_id: string }>(
  { accountId, name, contactEmail, createDate }: Partner,
  routes: R[],
) {
  return {
    account_id: accountId,
    name,
    contact_email: contactEmail,
    create_date: toIso(createDate),
    routes: routes.filter((route) => route.account_id === accountId),
  }
}
