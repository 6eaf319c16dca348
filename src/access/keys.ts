import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { append, type EventType } from '../event/index.ts'
import { toIso, toIsoOrNull } from '../platform/clock.ts'
import type { Database, Db } from '../platform/database/index.ts'
import { Refused } from '../platform/problem.ts'
import { check, safeText } from '../platform/text.ts'
import type { Tools } from '../platform/tools.ts'
import type { ApiKey } from './store.ts'
import * as store from './store.ts'

type Deps = Tools & {
  database: Database
  /** Refuses where there is no such partner; nobody removes it before the unit ends. */
  requirePartner: (db: Db, accountId: string) => Promise<unknown>
}

export type Keys = ReturnType<typeof createKeys>

const newKey = z
  .strictObject({
    name: safeText(1, 255),
    scope: z.enum(['read', 'admin', 'partner']),
    account_id: safeText(1, 255).optional(),
  })
  .refine(({ scope, account_id }) => (scope === 'partner') === (account_id !== undefined), {
    path: ['account_id'],
    error: 'is for a key with the scope partner, and needed there',
  })

/** Keys for the API. A key is 32 random bytes, so nobody guesses it from its hash. */
export function createKeys({ database, requirePartner, clock, newId }: Deps) {
  return {
    /** The key is given out here, once. */
    create: (given: z.input<typeof newKey>) =>
      database.write(async (db) => {
        const { name, scope, account_id = null } = check(newKey, given, 'The key is not valid.')
        if (account_id !== null) await requirePartner(db, account_id)
        const key = `giro_${randomBytes(32).toString('base64url')}`
        const time = clock.now()
        const row: ApiKey = {
          id: newId('key'),
          name,
          scope,
          hash: hashOf(key),
          createDate: time,
          revokeDate: null,
          accountId: account_id,
        }
        await store.insertKey(db, row)
        const data = { name, scope, ...ownerOf(row) }
        await append(db, [{ id: newId('evt'), type: 'key.created', subject: row.id, time, data }])
        return { id: row.id, name, scope, ...ownerOf(row), key }
      }),

    revoke: (id: string) =>
      database.write(async (db) => {
        const key = await store.keyById(db, id)
        if (!key) throw new Refused('not_found', `There is no API key ${id}.`)
        if (key.revokeDate === null) await revoke(db, [key], { clock, newId })
      }),

    list: () => database.read((db) => store.listKeys(db)),

    /** Who holds this key, or null where nobody does (any more). */
    async authenticate(key: string) {
      const found = await database.read((db) => store.validKeyByHash(db, hashOf(key)))
      return found ? { keyId: found.id, scope: found.scope, own: found.accountId } : null
    },
  }
}

/** A partner that goes leaves no key behind: another may get its account some day. */
export async function revokeKeysOf(db: Db, accountId: string, tools: Tools): Promise<void> {
  await revoke(db, await store.validKeysOf(db, accountId), tools)
}

async function revoke(db: Db, keys: ApiKey[], { clock, newId }: Tools): Promise<void> {
  const time = clock.now()
  const type: EventType = 'key.revoked'
  for (const key of keys) {
    await store.revokeKey(db, key.id, time)
    const data = { name: key.name, scope: key.scope, ...ownerOf(key) }
    await append(db, [{ id: newId('evt'), type, subject: key.id, time, data }])
  }
}

/** Whose a key is; an operator's is nobody's. */
function ownerOf({ accountId }: ApiKey) {
  return accountId === null ? {} : { account_id: accountId }
}

export function viewKey(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    scope: key.scope,
    account_id: key.accountId,
    create_date: toIso(key.createDate),
    revoke_date: toIsoOrNull(key.revokeDate),
  }
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
