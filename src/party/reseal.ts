import type { Db } from '../platform/database/index.ts'
import { UserError } from '../platform/problem.ts'
import type { Vault } from '../platform/secret.ts'
import { openAuth, sealAuth } from './auth.ts'
import { resealedCertificate } from './client-certificate.ts'
import { openHeaders, sealHeaders } from './headers.ts'
import * as store from './store.ts'

/** Puts all that is sealed here from one vault into another; in how many rows that was. */
export async function resealAll(db: Db, from: Vault, to: Vault): Promise<number> {
  const resealed = (sealed: string) => to.seal(from.open(sealed))
  const routes = await store.sealedRoutes(db)
  for (const route of routes) {
    const sealed = opening(route.id, () => ({
      secret: route.secret === null ? null : resealed(route.secret),
      headers: sealHeaders(openHeaders(route.headers, from), to),
      auth: sealAuth(openAuth(route.auth, from), to),
      clientCertificate: resealedCertificate(route.clientCertificate, from, to),
    }))
    await store.updateSealed(db, { ...route, ...sealed })
  }
  const old = await store.allOldSecrets(db)
  for (const one of old) {
    const secret = opening(one.routeId, () => resealed(one.secret))
    await store.updateOldSecret(db, { ...one, secret })
  }
  return routes.length + old.length
}

function opening<T>(routeId: string, work: () => T): T {
  try {
    return work()
  } catch {
    throw new UserError(`The key does not open the secrets of the route ${routeId}: none changed.`)
  }
}
