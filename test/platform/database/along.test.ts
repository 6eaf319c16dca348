import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { deliveries } from '../../../src/delivery/index.ts'
import { sql } from '../../../src/platform/database/index.ts'
import { doneDelivery } from '../../support/delivery.ts'
import { tempDatabase } from '../../support/temp-database.ts'

const ids = Array.from({ length: 60 }, (_, i) => `dlv_${`${i}`.padStart(3, '0')}`)
const id = fc.option(fc.constantFrom('dlv_', ...ids, 'dlv_~'), { nil: undefined })
const routeId = fc.option(fc.constantFrom('a', 'b', 'none'), { nil: undefined })
const status = fc.option(fc.constantFrom('delivered', 'failed'), { nil: undefined })

it('finds the rows with all values between two ids, the first in the order, and no more', async () => {
  const { database } = await tempDatabase()
  const rows = ids.map((one, i) =>
    doneDelivery(one, {
      routeId: i % 2 === 0 ? 'a' : 'b',
      status: i % 3 === 0 ? 'failed' : 'delivered',
      attempts: i % 5,
    }),
  )
  await database.write((db) => db.insert(deliveries, rows))
  const order = fc.constantFrom('newest first', 'oldest first')
  const most = fc.integer({ min: 1, max: 20 })
  const given = fc.record({
    where: fc.record({ routeId, status }),
    above: id,
    below: id,
    order,
    most,
  })
  await fc.assert(
    fc.asyncProperty(given, fc.boolean(), async (wanted, tried) => {
      const also = tried ? [sql`attempts > ${0}`] : []
      const found = await database.read((db) =>
        db.select(deliveries, db.along(deliveries, { ...wanted, also })),
      )
      const { where, above = '', below = '~' } = wanted
      const all = rows
        .filter((row) => (where.routeId ?? row.routeId) === row.routeId)
        .filter((row) => (where.status ?? row.status) === row.status)
        .filter((row) => row.id > above && row.id < below && (!tried || row.attempts > 0))
      const inOrder = wanted.order === 'newest first' ? all.toReversed() : all
      expect(found).toEqual(inOrder.slice(0, wanted.most))
    }),
  )
})
