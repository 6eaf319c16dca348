import { describe, expect, it } from '@jest/globals'
import type { Claimed } from '../../src/delivery/claim.ts'
import { attempts } from '../../src/delivery/index.ts'
import { type Database, sql } from '../../src/platform/database/index.ts'
import {
  claimOn,
  leaseMs,
  recordOn,
  roadWithPayments,
  storedDeliveries,
} from '../support/claiming.ts'
import type { Road } from '../support/road.ts'
import { expectBooksToBalance, openDoors } from '../support/temp-database.ts'

const count = 500

/** Claims on every door at once, until none of them finds anything. */
async function claimedAtOnce(road: Road, doors: Database[]): Promise<Claimed[][]> {
  return Promise.all(
    doors.map(async (door) => {
      const all: Claimed[] = []
      for (;;) {
        const some = await claimOn(road, door, { limit: 7 })
        if (some.length === 0) return all
        all.push(...some)
      }
    }),
  )
}

function expectEachOnce(claims: Claimed[][]): void {
  const ids = claims.flat().map(({ delivery }) => delivery.id)
  expect(ids).toHaveLength(count)
  expect(new Set(ids).size).toBe(count)
}

describe('daemons that claim at once', () => {
  it('take each due delivery once, and so each that a lease gave back', async () => {
    const road = await roadWithPayments({ routes: 1, count })
    const doors = [road.database, ...(await openDoors(road.place, 2))]
    expectEachOnce(await claimedAtOnce(road, doors))
    const rows = await storedDeliveries(road)
    expect(new Set(rows.map(({ status, attempts: tries }) => `${status} ${tries}`))).toEqual(
      new Set(['sending 1']),
    )
    expect((await claimedAtOnce(road, doors)).flat()).toEqual([])

    road.clock.advance(leaseMs)
    expectEachOnce(await claimedAtOnce(road, doors))
  })

  it('change nothing by the answer to a claim that another has by now', async () => {
    const road = await roadWithPayments({ routes: 1, count })
    const doors = [road.database, ...(await openDoors(road.place, 2))]
    const former = await claimedAtOnce(road, doors)
    road.clock.advance(leaseMs)
    const present = await claimedAtOnce(road, doors)

    const results = await Promise.all([
      ...doors.map((door, i) => recordOn(road, door, former[i] ?? [], false)),
      ...doors.map((door, i) => recordOn(road, door, present[i] ?? [], true)),
    ])
    expect(new Set(results.slice(0, 3).flat())).toEqual(new Set(['late']))
    expect(new Set(results.slice(3).flat())).toEqual(new Set(['delivered']))
    const rows = await storedDeliveries(road)
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['delivered']))
    const tries = await road.database.read((db) => db.select(attempts, sql`WHERE 1 = 1`))
    expect(tries).toHaveLength(2 * count)
    await expectBooksToBalance(road.database)
  })
})
