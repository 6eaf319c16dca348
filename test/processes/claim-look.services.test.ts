import { expect, it } from '@jest/globals'
import { due } from '../../src/delivery/store.ts'
import type { Db } from '../../src/platform/database/index.ts'
import { claimOn, roadWithPayments, storedDeliveries } from '../support/claiming.ts'
import { openDoors } from '../support/temp-database.ts'

/** A unit's view in which something happens right behind its first look. */
function behindFirstLook(db: Db, happens: () => Promise<unknown>): Db {
  let looked = false
  return {
    ...db,
    async rows(shape, query) {
      const found = await db.rows(shape, query)
      if (!looked) {
        looked = true
        await happens()
      }
      return found
    },
  }
}

it('leaves to another daemon what that claimed between the look and the lock', async () => {
  const count = 20
  const road = await roadWithPayments({ routes: 1, count })
  const [other] = await openDoors(road.place, 1)
  if (!other) throw new Error('one door was asked for')
  const wanted = { now: road.clock.now(), limit: count, busyRoutes: ['rte_busy'] }

  const theirs: string[] = []
  const mine = await road.database.write((db) => {
    const theyClaim = async () => {
      const claimed = await claimOn(road, other, { limit: 12 })
      theirs.push(...claimed.map(({ delivery }) => delivery.id))
    }
    return due(behindFirstLook(db, theyClaim), { ...wanted, roomOn: () => count })
  })

  expect(theirs).toHaveLength(12)
  const all = (await storedDeliveries(road)).map(({ id }) => id)
  expect([...theirs, ...mine.map(({ id }) => id)].toSorted()).toEqual(all.toSorted())
})
