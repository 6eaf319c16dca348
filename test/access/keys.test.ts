import { describe, expect, it } from '@jest/globals'
import { createKeys } from '../../src/access/index.ts'
import { Refused } from '../../src/platform/problem.ts'
import { manualClock } from '../support/manual-clock.ts'
import { query } from '../support/place.ts'
import { tempDatabase } from '../support/temp-database.ts'

async function keysOf() {
  const { place, database } = await tempDatabase()
  return { place, database, keys: createKeys({ ...manualClock(), database }) }
}

describe('an API key', () => {
  it('opens with its scope until it is revoked', async () => {
    const { keys } = await keysOf()
    const { id, key } = await keys.create('a test', 'read')
    expect(await keys.authenticate(key)).toEqual({ keyId: id, scope: 'read' })
    await keys.revoke(id)
    expect(await keys.authenticate(key)).toBeNull()
    await keys.revoke(id)
  })

  it('opens to nobody who has another, or only a part of it', async () => {
    const { keys } = await keysOf()
    const { key } = await keys.create('a test', 'admin')
    for (const wrong of ['', key.slice(0, -1), `${key}x`, key.toUpperCase(), 'giro_'])
      expect(await keys.authenticate(wrong)).toBeNull()
  })

  it('is random, and stored nowhere in clear', async () => {
    const { place, keys } = await keysOf()
    const { key } = await keys.create('a test', 'admin')
    const { key: other } = await keys.create('a test', 'admin')
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
