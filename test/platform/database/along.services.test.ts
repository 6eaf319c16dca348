import { expect, it } from '@jest/globals'
import { anyOnRoute, deliveries } from '../../../src/delivery/index.ts'
import { countIn } from '../../../src/delivery/store.ts'
import type { Along } from '../../../src/platform/database/along.ts'
import type { Reads } from '../../../src/platform/database/index.ts'
import { doneDelivery } from '../../support/delivery.ts'
import { serverOf } from '../../support/gone-over.ts'
import { tempDatabase } from '../../support/temp-database.ts'

const [first, second] = ['dlv_1', 'dlv_2']

async function listed(db: Reads, range: Pick<Along, 'order' | 'above' | 'below'>) {
  const wanted = { where: { status: 'failed' }, most: 50, ...range }
  return (await db.select(deliveries, db.along(deliveries, wanted))).map(({ id }) => id)
}

/** What is asked beside many rows that were delivered on one route, and what is found. */
const questions: [string, (db: Reads) => Promise<unknown>, unknown][] = [
  ['the newest of a status', (db) => listed(db, { order: 'newest first' }), [second, first]],
  ['those before one', (db) => listed(db, { order: 'newest first', below: second }), [first]],
  ['those after one', (db) => listed(db, { order: 'oldest first', above: first }), [second]],
  [
    'those between two',
    (db) => listed(db, { order: 'newest first', above: 'dlv_0', below: 'dlv_9' }),
    [second, first],
  ],
  ['how many are parked', (db) => countIn(db, 'parked', 10_000), 0],
  ['whether a route has any', (db) => anyOnRoute(db, 'another'), false],
]

it.each(questions)('%s: no row is gone over in vain', async (_, ask, expected) => {
  const { place, database } = await tempDatabase()
  const server = serverOf(place)
  const common = Array.from({ length: 5000 }, (_, i) => doneDelivery(`dlv_${i + 5000}`))
  await database.write((db) => db.insert(deliveries, common))
  await server.look(database)
  const rare = [first, second].map((id) => doneDelivery(id, { status: 'failed' }))
  await database.write((db) => db.insert(deliveries, rare))
  const { found, count } = await database.read((db) => server.goneOver(db, () => ask(db)))
  expect(found).toEqual(expected)
  expect(count).toBeLessThan(20)
})
