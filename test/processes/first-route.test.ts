import { expect, it } from '@jest/globals'
import { createParties, routes } from '../../src/party/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { openRoad } from '../support/road.ts'
import { openDoors } from '../support/temp-database.ts'

it('a first route that several processes make at once is made by one of them', async () => {
  const road = await openRoad()
  const inUse = { payer: async () => false, partner: async () => false, route: async () => false }
  const { vault, guard, hooks } = road
  const all = (await openDoors(road.place, 3)).map((database) =>
    createParties({ ...road.tools, database, vault, guard, ...hooks, inUse }),
  )
  const route = { notify_method: 'api', contact_path: 'http://127.0.0.1:9/' } as const
  for (let i = 0; i < 20; i += 1) {
    await road.partner(`partner${i}`, 0)
    const made = await Promise.all(
      all.map((parties) => parties.createFirstRoute(`partner${i}`, route, 'whsec_AAAA')),
    )
    expect(made.filter(Boolean)).toEqual([true])
  }
  const rows = await road.database.read((db) => db.select(routes, sql`WHERE 1 = 1`))
  expect(rows).toHaveLength(20)
})
