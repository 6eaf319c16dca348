import { describe, expect, it } from '@jest/globals'
import { storedDeliveries } from '../support/claiming.ts'
import {
  claimDigests,
  delivered,
  paymentsIn,
  recordTry,
  roadWithDigest,
} from '../support/digests.ts'
import { arrive } from '../support/road.ts'
import { expectBooksToBalance, openDoors } from '../support/temp-database.ts'

const count = 300
const hour = 3_600_000

describe('daemons that claim a digest at once', () => {
  it('get all of it or nothing, before and after a lease ended', async () => {
    const road = await roadWithDigest()
    const ids = await arrive(road, count)
    const doors = [road.database, ...(await openDoors(road.place, 3))]
    road.clock.advance(2 * hour)
    for (let tries = 0; tries < 3; tries += 1) {
      const claims = await Promise.all(doors.map((door) => claimDigests(road, door)))
      expect(claims.flat().map((one) => paymentsIn(one).toSorted())).toEqual([ids.toSorted()])
      road.clock.advance(60_000)
    }
    const rows = await storedDeliveries(road)
    expect(new Set(rows.map(({ digestId }) => digestId)).size).toBe(1)
  })

  it('leave out none and tell none twice while payments come in', async () => {
    const road = await roadWithDigest()
    const doors = [road.database, ...(await openDoors(road.place, 3))]
    const told: string[] = []
    const all: string[] = []
    for (let hours = 0; hours < 4; hours += 1) {
      all.push(...(await arrive(road, 40)))
      road.clock.advance(hour)
      const coming = arrive(road, 40)
      const claims = await Promise.all(
        doors.map(async (door) => {
          const taken = await claimDigests(road, door)
          for (const one of taken) await recordTry(road, door, one, delivered)
          return taken
        }),
      )
      all.push(...(await coming))
      told.push(...claims.flat().flatMap(paymentsIn))
    }
    road.clock.advance(2 * hour)
    for (const one of await claimDigests(road)) told.push(...paymentsIn(one))
    expect(told.toSorted()).toEqual(all.toSorted())
    await expectBooksToBalance(road.database)
  })
})
