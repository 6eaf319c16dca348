import { expect, it } from '@jest/globals'
import { deliveries } from '../../../src/delivery/index.ts'
import { deliveriesById, ofPayments } from '../../../src/delivery/store.ts'
import type { Reads } from '../../../src/platform/database/index.ts'
import { doneDelivery } from '../../support/delivery.ts'
import { serverOf } from '../../support/gone-over.ts'
import { tempDatabase } from '../../support/temp-database.ts'

const some = Array.from({ length: 64 }, (_, i) => `dlv_${i + 5000}`)

const questions: [string, (db: Reads) => Promise<unknown>][] = [
  ['by ids', (db) => deliveriesById(db, some)],
  ['of payments', (db) => ofPayments(db, some)],
]

it.each(questions)(
  '%s: what was planned on an empty table does when it has grown',
  async (_, ask) => {
    const { place, database } = await tempDatabase()
    const server = serverOf(place)
    const asked = () => database.write((db) => server.goneOver(db, () => ask(db)))
    await asked()
    const all = Array.from({ length: 5000 }, (_, i) => doneDelivery(`dlv_${i + 5000}`))
    await database.write((db) => db.insert(deliveries, all))
    expect((await asked()).count).toBeLessThan(3 * some.length)
  },
)
