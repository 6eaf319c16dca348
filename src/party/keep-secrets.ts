import type { z } from 'zod'
import type { Db } from '../platform/database/index.ts'
import { Refused } from '../platform/problem.ts'
import { holdKey } from '../platform/secret-key.ts'
import { check } from '../platform/text.ts'
import type { KeepDeps } from './keep.ts'
import { routeOf } from './keep-routes.ts'
import { inputs } from './party.ts'
import { newSigning, schemeOf, shownSecret } from './secret.ts'
import * as store from './store.ts'
import { viewRotation } from './view.ts'

/** Each is a signature in a header, and servers take only so much of one. */
const mostOldSecrets = 4

export function keepSecrets({ database, vault, clock, newId, tell }: KeepDeps) {
  /** The secret so far, and those before it, are good until then and no longer. */
  const retire = async (db: Db, routeId: string, secret: string, endDate: number) => {
    const now = clock.now()
    await store.endOldSecrets(db, routeId, endDate)
    if (endDate <= now) return
    if ((await store.oldSecretsOf(db, [routeId], now)).length >= mostOldSecrets)
      throw new Refused('in_use', `Too many old secrets of the route ${routeId} are good yet.`)
    await store.insertOldSecret(db, { id: newId('sec'), routeId, secret, endDate })
  }

  return {
    /** What the partner needs to verify is given out here; the new secret signs from now on. */
    async rotateSecret(accountId: string, id: string, given: z.input<typeof inputs.rotation>) {
      const { overlap } = check(inputs.rotation, given, 'The rotation is not valid.')
      return database.write(async (db) => {
        await holdKey(db, vault)
        const old = await routeOf(db, accountId, id, db.held('change'))
        if (old.secret === null)
          throw new Refused('invalid', `The route ${id} has no secret: only the method api signs.`)
        const made = newSigning(schemeOf(old) ?? 'v1')
        const oldSecretEndDate = clock.now() + overlap * 1000
        await retire(db, id, old.secret, oldSecretEndDate)
        const route = { ...old, secret: vault.seal(made.secret), publicKey: made.publicKey }
        await store.updateSecret(db, route)
        const rotated = { route, oldSecretEndDate }
        await tell(db, 'route.secret_rotated', id, viewRotation(rotated))
        return { ...rotated, secret: shownSecret(made) }
      })
    },
  }
}
