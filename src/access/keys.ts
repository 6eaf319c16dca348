import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { append } from '../event/index.ts'
import { toIso, toIsoOrNull } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import { Refused } from '../platform/problem.ts'
import { check, safeText } from '../platform/text.ts'
import type { Tools } from '../platform/tools.ts'
import type { ApiKey } from './store.ts'
import * as store from './store.ts'

type Deps = Tools & { database: Database }

export type Keys = ReturnType<typeof createKeys>

/** Keys for the operator API. A key is 32 random bytes, so nobody guesses it from its hash. */
export function createKeys({ database, clock, newId }: Deps) {
  return {
    /** The key is given out here, once. */
    create: (name: string, scope: ApiKey['scope']) =>
      database.write(async (db) => {
        check(z.strictObject({ name: safeText(1, 255) }), { name }, 'The key is not valid.')
        const key = `giro_${randomBytes(32).toString('base64url')}`
        const time = clock.now()
        const row = { id: newId('key'), name, scope, hash: hashOf(key), createDate: time }
        await store.insertKey(db, { ...row, revokeDate: null })
        const data = { name, scope }
        await append(db, [{ id: newId('evt'), type: 'key.created', subject: row.id, time, data }])
        return { id: row.id, name, scope, key }
      }),

    revoke: (id: string) =>
      database.write(async (db) => {
        const key = await store.keyById(db, id)
        if (!key) throw new Refused('not_found', `There is no API key ${id}.`)
        if (key.revokeDate !== null) return
        const time = clock.now()
        await store.revokeKey(db, id, time)
        const data = { name: key.name, scope: key.scope }
        await append(db, [{ id: newId('evt'), type: 'key.revoked', subject: id, time, data }])
      }),

    list: () => database.read((db) => store.listKeys(db)),

    /** Who holds this key, or null where nobody does (any more). */
    async authenticate(key: string) {
      const found = await database.read((db) => store.validKeyByHash(db, hashOf(key)))
      return found ? { keyId: found.id, scope: found.scope } : null
    },
  }
}

export function viewKey(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    scope: key.scope,
    create_date: toIso(key.createDate),
    revoke_date: toIsoOrNull(key.revokeDate),
  }
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
