import { describe, expect, it } from '@jest/globals'
import { createKeys, revokeKeysOf } from '../../src/access/index.ts'
import { type Db, Sql } from '../../src/platform/database/index.ts'
import { Refused } from '../../src/platform/problem.ts'
import { manualClock } from '../support/manual-clock.ts'
import { query } from '../support/place.ts'
import { tempDatabase } from '../support/temp-database.ts'

async function keysOf() {
  const { place, database } = await tempDatabase()
  const tools = manualClock()
  const requirePartner = async (_: Db, accountId: string) => {
    if (accountId !== 'partner1') throw new Refused('not_found', 'There is no such partner.')
  }
  const keys = createKeys({ ...tools, database, requirePartner })
  return { place, database, keys, tools }
}

describe('an API key', () => {
  it('opens with its scope until it is revoked', async () => {
    const { keys } = await keysOf()
    const { id, key } = await keys.create({ name: 'a test', scope: 'read' })
    expect(await keys.authenticate(key)).toEqual({ keyId: id, scope: 'read', own: null })
    await keys.revoke(id)
    expect(await keys.authenticate(key)).toBeNull()
    await keys.revoke(id)
  })

  it('opens to nobody who has another, or only a part of it', async () => {
    const { keys } = await keysOf()
    const { key } = await keys.create({ name: 'a test', scope: 'admin' })
    for (const wrong of ['', key.slice(0, -1), `${key}x`, key.toUpperCase(), 'giro_'])
      expect(await keys.authenticate(wrong)).toBeNull()
  })

  it('is random, and stored nowhere in clear', async () => {
    const { place, keys } = await keysOf()
    const { key } = await keys.create({ name: 'a test', scope: 'admin' })
    const { key: other } = await keys.create({ name: 'a test', scope: 'admin' })
    expect(other).not.toBe(key)
    expect(key).toMatch(/^giro_[\w-]{43}$/)
    expect(JSON.stringify(await keys.list())).not.toContain(key)
    const kept = await query(place, 'SELECT * FROM api_keys')
    expect(kept).toHaveLength(2)
    expect(JSON.stringify(kept, (_, value) => `${value}`)).not.toContain(key)
  })

  it('that nobody made cannot be revoked', async () => {
    const { keys } = await keysOf()
    await expect(keys.revoke('key_none')).rejects.toThrow(Refused)
  })
})

const ofPartner = { name: 'a test', scope: 'partner', account_id: 'partner1' } as const

describe('the key of a partner', () => {
  it('opens to what is that partner’s own', async () => {
    const { keys } = await keysOf()
    const { id, key } = await keys.create(ofPartner)
    expect(await keys.authenticate(key)).toEqual({ keyId: id, scope: 'partner', own: 'partner1' })
  })

  it('is made for a partner that is there, and for nobody else', async () => {
    const { keys } = await keysOf()
    for (const wrong of [
      { ...ofPartner, account_id: 'nobody' },
      { ...ofPartner, account_id: undefined },
      { ...ofPartner, scope: 'admin' as const },
      { ...ofPartner, scope: 'read' as const },
    ])
      await expect(keys.create(wrong)).rejects.toThrow(Refused)
    expect(await keys.list()).toEqual([])
  })

  it('goes with its partner, and no other key does', async () => {
    const { keys, database, tools } = await keysOf()
    const [own, another, operators] = [
      await keys.create(ofPartner),
      await keys.create(ofPartner),
      await keys.create({ name: 'a test', scope: 'admin' }),
    ]
    await database.write((db) => revokeKeysOf(db, 'partner2', tools))
    expect(await keys.authenticate(own.key)).not.toBeNull()
    await database.write((db) => revokeKeysOf(db, 'partner1', tools))
    const good = [own, another, operators].map(({ key }) => keys.authenticate(key))
    expect((await Promise.all(good)).map((one) => one?.scope)).toEqual([
      undefined,
      undefined,
      'admin',
    ])
  })

  it.each([
    ['without a partner', `scope = 'partner', account_id = NULL`],
    ['of an operator with one', `scope = 'read', account_id = 'partner1'`],
    ['with a scope that nobody knows', `scope = 'root', account_id = NULL`],
  ])('%s is refused by the database itself', async (_, change) => {
    const { keys, database } = await keysOf()
    await keys.create(ofPartner)
    const statement = new Sql(`UPDATE api_keys SET ${change}`, [])
    await expect(database.write((db) => db.run(statement))).rejects.toThrow(/ck_api_keys/)
  })
})
