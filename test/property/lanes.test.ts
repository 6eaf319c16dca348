import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Claimed, claim } from '../../src/delivery/claim.ts'
import { attempts, defaultRules, deliveries, lanes } from '../../src/delivery/index.ts'
import { heldLanes } from '../../src/delivery/lane-store.ts'
import { record as recordTries } from '../../src/delivery/record.ts'
import { createSlots } from '../../src/delivery/slots.ts'
import { settle } from '../../src/payment/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { arrive, type Road, roadTo } from '../support/road.ts'

/**
 * A random walk of two daemons with partners who are well, dead or overloaded by turns. Whatever
 * came before: when all partners are well again, everything is delivered.
 */
const leaseMs = 60_000
const partners = ['a', 'b', 'c']

/** Nobody gives up on the way. */
const schedule = Array<number>(1000).fill(1000)
const rules = { ...defaultRules, failures: 3 }

type Health = 'well' | 'dead' | 'busy'

type Step =
  | { do: 'arrive'; partner: number; count: number }
  | { do: 'become'; partner: number; health: Health }
  | { do: 'claim'; limit: number }
  | { do: 'answer'; pick: number }
  | { do: 'die'; pick: number }
  | { do: 'wait'; ms: number }

const partner = fc.nat({ max: partners.length - 1 })
const health = fc.constantFrom<Health>('well', 'dead', 'dead', 'busy')

const chances: [weight: number, arbitrary: fc.Arbitrary<Step>][] = [
  [2, fc.record({ do: fc.constant('arrive'), partner, count: fc.integer({ min: 1, max: 4 }) })],
  [2, fc.record({ do: fc.constant('become'), partner, health })],
  [6, fc.record({ do: fc.constant('claim'), limit: fc.integer({ min: 1, max: 6 }) })],
  [9, fc.record({ do: fc.constant('answer'), pick: fc.nat() })],
  [1, fc.record({ do: fc.constant('die'), pick: fc.nat() })],
  [5, fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(500, 1300, 12_000, leaseMs) })],
]

const step = fc.oneof(...chances.map(([weight, arbitrary]) => ({ weight, arbitrary })))

type Walk = { road: Road; health: Health[]; underWay: Claimed[]; tries: number }

async function take(walk: Walk, next: Step): Promise<void> {
  const { road, underWay } = walk
  if (next.do === 'wait') road.clock.advance(next.ms)
  if (next.do === 'become') walk.health[next.partner] = next.health
  if (next.do === 'arrive') await arrive(road, next.count, { to: partners[next.partner] ?? '' })
  if (next.do === 'claim') await claimSome(walk, next.limit)
  const pick = 'pick' in next ? next.pick % Math.max(1, underWay.length) : 0
  if (next.do === 'die') underWay.splice(pick, 1)
  if (next.do === 'answer') await answered(walk, underWay.splice(pick, 1))
}

/** As a daemon claims that has heard of no lane: the claim itself must not let too much through. */
async function claimSome(walk: Walk, limit: number): Promise<Claimed[]> {
  const { road, underWay } = walk
  const now = road.clock.now()
  const before = await lanesOf(road)
  const lease = { claimId: road.newId('clm'), now, leaseMs, slots: createSlots(limit), held: [] }
  const { claimed } = await road.database.write((db) => claim(db, lease))
  for (const [routeId, own] of Map.groupBy(claimed, ({ route }) => route.id)) {
    const lane = before.get(routeId)
    expect(lane?.heldUntil ?? 0).toBeLessThanOrEqual(now)
    if (lane && lane.state !== 'closed') expect(own).toHaveLength(1)
  }
  underWay.push(...claimed)
  return claimed
}

async function lanesOf(road: Road) {
  const rows = await road.database.read((db) => db.select(lanes, sql`WHERE 1 = 1`))
  return new Map(rows.map((lane) => [lane.routeId, lane]))
}

async function answered(walk: Walk, claimed: Claimed[]): Promise<void> {
  const { road } = walk
  const tried = claimed.map(({ delivery, route }) => {
    const state = walk.health[partners.indexOf(route.accountId)]
    const delivered = state === 'well'
    const status = { well: 204, dead: null, busy: 503 }[state ?? 'well']
    const sent = { delivered, stage: 'after' as const, status, error: null, answer: null }
    return { delivery, route, sent, startDate: road.clock.now(), durationMs: 1, recent: [] }
  })
  const onDone: Parameters<typeof recordTries>[2]['onDone'] = (db, done) =>
    settle(db, done, road.tools)
  const deps = { ...road.tools, random: () => 0.5, schedule, rules, onDone }
  await road.database.write((db) => recordTries(db, tried, deps))
  walk.tries += tried.length
}

/** Everybody is well, and time goes on until nothing is left. */
async function heal(walk: Walk): Promise<void> {
  const { road } = walk
  walk.health = partners.map(() => 'well')
  await answered(walk, walk.underWay.splice(0))
  for (let round = 0; (await open(road)) > 0; round += 1) {
    expect(round).toBeLessThan(200)
    const now = road.clock.now()
    const claimed = await claimSome(walk, 50)
    await answered(walk, walk.underWay.splice(0))
    if (claimed.length > 0) continue
    const held = await road.database.read((db) => heldLanes(db, now))
    const free = held.map(({ freeDate }) => freeDate - now)
    road.clock.advance(Math.min(leaseMs, ...free))
  }
}

async function open({ database }: Road): Promise<number> {
  const rows = await database.read((db) =>
    db.select(deliveries, sql`WHERE status <> 'delivered' LIMIT 1`),
  )
  return rows.length
}

async function emptied(road: Road): Promise<void> {
  await road.database.write(async (db) => {
    for (const table of [sql`attempts`, sql`deliveries`, sql`payments`, sql`lanes`])
      await db.run(sql`DELETE FROM ${table}`)
  })
}

it('what partners do loses nothing: all is delivered once they are well', async () => {
  const road = await roadTo(...partners)
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 30, maxLength: 80, size: 'max' }),
      async (steps) => {
        await emptied(road)
        const walk: Walk = { road, health: ['dead', 'busy', 'well'], underWay: [], tries: 0 }
        for (const partner of [0, 1, 2]) await take(walk, { do: 'arrive', partner, count: 6 })
        for (const next of steps) await take(walk, next)
        await heal(walk)
        const tried = await road.database.read((db) => db.select(attempts, sql`WHERE 1 = 1`))
        expect(tried).toHaveLength(walk.tries)
        for (const lane of (await lanesOf(road)).values())
          expect(lane).toMatchObject({ failures: 0, failingSince: null })
      },
    ),
    { numRuns: 60 },
  )
})
