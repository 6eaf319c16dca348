import type { Claimed } from '../../src/delivery/claim.ts'
import { moveUp } from '../../src/delivery/strict.ts'
import { type Route, routesOf } from '../../src/party/index.ts'
import { type Database, sql } from '../../src/platform/database/index.ts'
import { turns } from '../../src/turn/index.ts'
import { claimOn, storedDeliveries } from './claiming.ts'
import { numberThem } from './event.ts'
import { type Road, roadTo } from './road.ts'

export type StrictRoad = Road & { route: Route }

/** A road to one partner with one strict route. */
export async function strictRoad(ordering: 'none' | 'strict' = 'strict'): Promise<StrictRoad> {
  const road = await roadTo('partner1')
  const [made] = await road.database.read((db) => routesOf(db, ['partner1']))
  if (!made) throw new Error('there is one')
  return { ...road, route: await road.parties.changeRoute('partner1', made.id, { ordering }) }
}

/** What a daemon does for strict routes once events have their numbers. */
export async function usher(road: Road, database: Database = road.database): Promise<void> {
  await numberThem(database)
  await database.write((db) => moveUp(db, road.clock.now()))
}

/** What a daemon would send now. */
export async function next(road: Road, database: Database = road.database): Promise<Claimed[]> {
  await usher(road, database)
  return claimOn(road, database, { limit: 20 })
}

export const paymentsOf = (claimed: Claimed[]) => claimed.map(({ delivery }) => delivery.paymentId)

/** The status of each delivery, by its payment. */
export async function statuses(road: Road): Promise<Record<string, string>> {
  const rows = await storedDeliveries(road)
  return Object.fromEntries(rows.map(({ paymentId, status }) => [paymentId, status]))
}

export function waitingTurns({ database }: Road) {
  return database.read((db) => db.select(turns, sql`ORDER BY delivery_id`))
}
