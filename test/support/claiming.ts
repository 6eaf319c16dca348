import { defaultRules, type Rules } from '../../src/delivery/breaker.ts'
import { type Claimed, claim } from '../../src/delivery/claim.ts'
import type { Sent } from '../../src/delivery/delivery.ts'
import { deliveries } from '../../src/delivery/index.ts'
import { type Recorded, record as recordTries } from '../../src/delivery/record.ts'
import { createSlots } from '../../src/delivery/slots.ts'
import { record, settle } from '../../src/payment/index.ts'
import { type Database, sql } from '../../src/platform/database/index.ts'
import { arrival, openRoad, type Road } from './road.ts'

export const leaseMs = 60_000

/** A road with one payer and a partner with so many routes, on which so many payments came. */
export async function roadWithPayments({ routes, count }: { routes: number; count: number }) {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  await road.partner('partner1', routes)
  const arrivals = Array.from({ length: count }, () => arrival(road))
  await road.database.write((db) => record(db, arrivals, { ...road.tools, firstDelayMs: () => 0 }))
  return road
}

type Asked = { limit: number; busyRoutes?: string[] }

/** Claims as one daemon does, however many one route may have. */
export async function claimOn(
  { clock, newId }: Road,
  database: Database,
  { limit, busyRoutes = [] }: Asked,
): Promise<Claimed[]> {
  const slots = {
    ...createSlots(limit),
    fitting: <T>(wanted: T[]) => wanted,
    roomOn: () => limit,
    full: () => busyRoutes,
  }
  const lease = { claimId: newId('clm'), now: clock.now(), leaseMs, slots, held: [] }
  const { claimed } = await database.write((db) => claim(db, lease))
  return claimed
}

type Given = { schedule?: number[]; rules?: Rules }

/** Writes down what one daemon's tries came to. */
export function recordOn(
  { clock, tools }: Road,
  database: Database,
  claimed: Claimed[],
  delivered = true,
  { schedule = [0], rules = defaultRules, ...change }: Partial<Sent> & Given = {},
): Promise<Recorded[]> {
  const status = delivered ? 204 : 500
  const answered = { delivered, stage: 'after' as const, status, error: null, answer: null }
  const sent = { ...answered, ...change }
  const tried = claimed.map(({ delivery, route }) => ({
    delivery,
    route,
    sent,
    startDate: clock.now(),
    durationMs: 1,
    recent: [],
  }))
  return database.write((db) =>
    recordTries(db, tried, {
      ...tools,
      random: () => 0.5,
      schedule,
      rules,
      onDone: (within, done) => settle(within, done, tools),
    }),
  )
}

export function storedDeliveries({ database }: Road) {
  return database.read((db) => db.select(deliveries, sql`ORDER BY id`))
}
