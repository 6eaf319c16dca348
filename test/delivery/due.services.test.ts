import { expect, it } from '@jest/globals'
import { type Delivery, deliveries } from '../../src/delivery/index.ts'
import { due, holdDigest, holdPending, nextDue } from '../../src/delivery/store.ts'
import type { Db } from '../../src/platform/database/index.ts'
import { openDelivery } from '../support/delivery.ts'
import { serverOf } from '../support/gone-over.ts'
import { tempDatabase } from '../support/temp-database.ts'

const open = (id: string, routeId: string, dueDate: number) =>
  openDelivery(id, { routeId, dueDate, digestId: routeId })

const live = open('dlv_1', 'live', 10)
const idsOf = (rows: Delivery[]) => rows.map(({ id }) => id)

const busyRoutes = ['dead']

/** What a daemon asks for a route with little to do. */
const questions: [string, (db: Db) => Promise<unknown>, unknown][] = [
  [
    'what is due',
    async (db) => idsOf(await due(db, { now: 20, limit: 50, busyRoutes, roomOn: () => 50 })),
    ['dlv_1'],
  ],
  ['what is due next', (db) => nextDue(db, busyRoutes), 10],
  [
    'what is to be put in line',
    async (db) => idsOf(await holdPending(db, 'live', 0, 50)),
    ['dlv_1'],
  ],
  [
    'what goes in a digest',
    async (db) => idsOf(await holdDigest(db, live, { now: 20, most: 50 })),
    ['dlv_1'],
  ],
]

/** As far as a claim looks at the first that are due, twice. */
const bound = 1000

it.each(questions)('%s: what another route has due is not gone over', async (_, ask, expected) => {
  const { place, database } = await tempDatabase()
  const server = serverOf(place)
  const dead = Array.from({ length: 10_000 }, (_, i) => open(`dlv_${i + 10_000}`, 'dead', 5))
  await database.write((db) => db.insert(deliveries, dead))
  await server.look(database)
  await database.write((db) => db.insert(deliveries, [live]))
  const { found, count } = await database.write((db) => server.goneOver(db, () => ask(db)))
  expect(found).toEqual(expected)
  expect(count).toBeLessThan(bound)
})
