import { randomBytes } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { createParties, oldSecretsOf, resealAll, routesOf } from '../../src/party/index.ts'
import { setFact } from '../../src/platform/fact.ts'
import { createVault, type Vault } from '../../src/platform/secret.ts'
import { rotateKey } from '../../src/platform/secret-key.ts'
import { openRoad, type Road } from '../support/road.ts'
import { openDoors } from '../support/temp-database.ts'

const given = { notify_method: 'api', contact_path: 'http://127.0.0.1:9/' } as const
const inUse = { payer: async () => false, partner: async () => false, route: async () => false }

/** A database under one key, which three processes have. */
async function threeProcesses() {
  const road = await openRoad()
  await road.parties.createPartner({ account_id: 'partner1', name: 'a partner' })
  const key = randomBytes(32)
  const vault = createVault(key)
  await road.database.write((db) => setFact(db, 'secret_key_fingerprint', vault.fingerprint))
  const doors = await openDoors(road.place, 3)
  const { guard, tools, hooks } = road
  const deps = { ...tools, vault, guard, ...hooks, inUse }
  const all = doors.map((database) => createParties({ ...deps, database }))
  return { road, key, vault, all }
}

/** All secrets of all routes in clear. */
function secretsIn({ database, clock }: Road, vault: Vault): Promise<string[]> {
  return database.read(async (db) => {
    const routes = await routesOf(db, ['partner1'])
    const ids = routes.map(({ id }) => id)
    const sealed = [...routes, ...(await oldSecretsOf(db, ids, clock.now()))]
    return sealed.map(({ secret }) => vault.open(`${secret}`)).toSorted()
  })
}

it('secrets that several processes make for one route at once are all good', async () => {
  const { road, vault, all } = await threeProcesses()
  const first = await all[0]?.createRoute('partner1', given)
  const id = `${first?.route.id}`
  const rotated = await Promise.all(all.map((one) => one.rotateSecret('partner1', id, {})))
  const made = [first?.secret, ...rotated.map(({ secret }) => secret)]
  expect(await secretsIn(road, vault)).toEqual(made.toSorted())
})

it('a key that is rotated while others seal opens all that they were not refused', async () => {
  const { road, key, all } = await threeProcesses()
  const newKey = randomBytes(32)
  const config = { secretKey: key, databaseUrl: '', dataDir: '' }
  const rotation = { config, database: road.database, newKey, reseal: resealAll }
  const creations = all.flatMap((one) =>
    Array.from({ length: 10 }, () => one.createRoute('partner1', given)),
  )
  const [made] = await Promise.all([Promise.allSettled(creations), rotateKey(rotation)])
  const secrets = made.flatMap((one) => (one.status === 'fulfilled' ? [one.value.secret] : []))
  expect(await secretsIn(road, createVault(newKey))).toEqual(secrets.toSorted())
  for (const one of made)
    if (one.status === 'rejected') expect(one.reason.refusal.code).toBe('unavailable')
  await expect(all[0]?.createRoute('partner1', given)).rejects.toThrow('was rotated')
})
