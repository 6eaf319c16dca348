import { describe, expect, it } from '@jest/globals'
import { lanes } from '../../src/delivery/index.ts'
import { events } from '../../src/event/index.ts'
import { type Database, sql } from '../../src/platform/database/index.ts'
import { claimOn, recordOn, roadWithPayments } from '../support/claiming.ts'
import type { Road } from '../support/road.ts'
import { openDoors, openPlace } from '../support/temp-database.ts'

const count = 200

async function threeDaemons(routes = 1) {
  const road = await roadWithPayments({ routes, count })
  return { road, doors: [road.database, ...(await openDoors(road.place, 2))] }
}

/** What each daemon got, all claiming at once. */
const claimAtOnce = (road: Road, doors: Database[], limit: number) =>
  Promise.all(doors.map((door) => claimOn(road, door, { limit })))

const lanesOf = (road: Road) => road.database.read((db) => db.select(lanes, sql`ORDER BY route_id`))

const openings = async (road: Road) =>
  (await road.database.read((db) => db.select(events, sql`WHERE type = 'lane.opened'`))).length

describe('daemons that share a lane', () => {
  it('open it once, however their failures come together', async () => {
    const { road, doors } = await threeDaemons(3)
    const claims = await claimAtOnce(road, doors, 60)
    const singles = claims.flatMap((own, i) => own.map((one) => ({ one, door: doors[i] })))
    await Promise.all(
      singles.map(({ one, door = road.database }) => recordOn(road, door, [one], false)),
    )
    const all = await lanesOf(road)
    expect(all.map(({ state, openings: often }) => [state, often])).toEqual(
      Array(3).fill(['open', 1]),
    )
    const failures = all.reduce((sum, lane) => sum + lane.failures, 0)
    expect(failures).toBe(claims.flat().length)
    expect(await openings(road)).toBe(3)
  })

  it('make one try between them when its pause is over, time after time', async () => {
    const { road, doors } = await threeDaemons()
    await recordOn(road, road.database, await claimOn(road, road.database, { limit: 10 }), false)
    for (let i = 0; i < 10; i += 1) {
      const [lane] = await lanesOf(road)
      road.clock.at = lane?.heldUntil ?? 0
      const claims = await claimAtOnce(road, doors, 20)
      expect(claims.flat()).toHaveLength(1)
      const place = claims.findIndex((own) => own.length > 0)
      const door = doors[(place + 1) % doors.length] ?? road.database
      await recordOn(road, door, claims.flat(), i === 9)
    }
    expect(await lanesOf(road)).toMatchObject([{ state: 'closed', failures: 0 }])
    const freed = await claimAtOnce(road, doors, 20)
    expect(freed.flat().length).toBeGreaterThan(1)
  })

  it('share the tokens of its rate', async () => {
    const { road, doors } = await threeDaemons()
    const [route] = await road.database.read((db) =>
      db.rows({ id: lanes.shape.routeId }, sql`SELECT id FROM routes`),
    )
    const rate_limit = { per_second: 10, burst: 7 }
    await road.parties.changeRoute('partner1', `${route?.id}`, { rate_limit })
    expect((await claimAtOnce(road, doors, 50)).flat()).toHaveLength(7)
    for (let second = 0; second < 3; second += 1) {
      road.clock.advance(500)
      expect((await claimAtOnce(road, doors, 50)).flat()).toHaveLength(5)
    }
  })

  it('find it open after a restart', async () => {
    const { road } = await threeDaemons()
    await recordOn(road, road.database, await claimOn(road, road.database, { limit: 10 }), false)
    const restarted = await openPlace(road.place, road.clock)
    expect(await claimOn(road, restarted, { limit: 10 })).toEqual([])
    road.clock.advance(10_000)
    expect(await claimOn(road, restarted, { limit: 10 })).toHaveLength(1)
  })
})
