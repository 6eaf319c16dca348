import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Claimed, claim } from '../../src/delivery/claim.ts'
import type { Delivery } from '../../src/delivery/index.ts'
import { attempts, defaultRules, deliveries } from '../../src/delivery/index.ts'
import { record as recordTries } from '../../src/delivery/record.ts'
import { createSlots } from '../../src/delivery/slots.ts'
import { payments, record, settle } from '../../src/payment/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { Refused } from '../../src/platform/problem.ts'
import { arrival, openRoad, type Road } from '../support/road.ts'
import { expectBooksToBalance } from '../support/temp-database.ts'

/**
 * A random walk through the life of deliveries, over the real store. The model below is the state
 * machine in its fewest words; after each step the tables have to say the same.
 */
const schedule = [0, 1000, 5000]
const leaseMs = 60_000

/** What lanes do has a walk of its own. */
const neverOpen = { ...defaultRules, failures: Number.POSITIVE_INFINITY }

type Step =
  | { do: 'arrive'; routes: number }
  | { do: 'claim'; limit: number }
  | { do: 'result'; pick: number; delivered: boolean }
  | { do: 'wait'; ms: number }
  | { do: 'redeliver'; pick: number }

const chances: [weight: number, arbitrary: fc.Arbitrary<Step>][] = [
  [1, fc.record({ do: fc.constant('arrive'), routes: fc.nat({ max: 3 }) })],
  [5, fc.record({ do: fc.constant('claim'), limit: fc.integer({ min: 1, max: 4 }) })],
  [6, fc.record({ do: fc.constant('result'), pick: fc.nat(), delivered: oneInFour() })],
  [4, fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(799, 1200, 6000, leaseMs) })],
  [1, fc.record({ do: fc.constant('redeliver'), pick: fc.nat() })],
]

const step = fc.oneof(...chances.map(([weight, arbitrary]) => ({ weight, arbitrary })))

function oneInFour() {
  return fc.integer({ min: 0, max: 3 }).map((chance) => chance === 0)
}

/** What the model knows of a delivery; `dueBy` is the latest time at which it is due again. */
type Expected = {
  paymentId: string
  status: Delivery['status']
  attempts: number
  claimId: string | null
  due: { from: number; to: number } | null
  /** Tries whose result counted, since the beginning or the last redelivery. */
  counted: number
  leasesEnded: number
}

type Walk = {
  road: Road
  random: () => number
  model: Map<string, Expected>
  payments: Set<string>
  held: Claimed[]
  tries: number
}

async function arrive(walk: Walk, { routes }: { routes: number }) {
  const { road, model } = walk
  const now = road.clock.now()
  const one = arrival(road, { accountNumber: `partner${routes}` })
  await road.database.write((db) =>
    record(db, [one], { ...road.tools, firstDelayMs: () => schedule[0] ?? 0 }),
  )
  walk.payments.add(one.paymentId)
  const rows = await road.database.read((db) =>
    db.select(deliveries, sql`WHERE payment_id = ${one.paymentId}`),
  )
  expect(rows).toHaveLength(routes)
  for (const { id } of rows) model.set(id, { ...fresh(one.paymentId), due: { from: now, to: now } })
}

function fresh(paymentId: string): Expected {
  const none = { attempts: 0, claimId: null, due: null, counted: 0, leasesEnded: 0 }
  return { paymentId, status: 'pending', ...none }
}

async function claimSome(walk: Walk, { limit }: { limit: number }) {
  // Slots for the asking, so that the walk decides how many are claimed.
  const slots = { ...createSlots(limit), fitting: <T>(wanted: T[]) => wanted, full: () => [] }
  const { road, model } = walk
  const now = road.clock.now()
  const claimId = road.newId('clm')
  const lease = { claimId, now, leaseMs, slots, held: [] }
  const { claimed } = await road.database.write((db) => claim(db, lease))
  const surelyDue = [...model.values()].filter(({ due }) => due && due.to <= now).length
  expect(claimed.length).toBeLessThanOrEqual(limit)
  expect(claimed.length).toBeGreaterThanOrEqual(Math.min(surelyDue, limit))
  for (const one of claimed) {
    const expected = model.get(one.delivery.id)
    expect(expected?.due?.from).toBeLessThanOrEqual(now)
    expect(one.event.id).toBe(one.delivery.eventId)
    expect(one.route.id).toBe(one.delivery.routeId)
    if (!expected) continue
    if (expected.status === 'sending') expected.leasesEnded += 1
    const due = { from: now + leaseMs, to: now + leaseMs }
    Object.assign(expected, { status: 'sending', attempts: expected.attempts + 1, claimId, due })
    expect(expected.attempts).toBeLessThanOrEqual(schedule.length + expected.leasesEnded)
  }
  walk.held.push(...claimed)
}

/** A daemon comes back with a result; perhaps its lease has ended and another holds the claim. */
async function result(walk: Walk, { pick, delivered }: { pick: number; delivered: boolean }) {
  const { road, random, model, held } = walk
  const [one] = held.splice(pick % Math.max(1, held.length), 1)
  if (!one) return
  const now = road.clock.now()
  const answer = { status: delivered ? 204 : 500, error: null, answer: null }
  const sent = { delivered, stage: 'after' as const, ...answer }
  const { delivery, route } = one
  const tried = { delivery, route, sent, startDate: now, durationMs: 1, recent: [] }
  const deps = { ...road.tools, random, schedule, rules: neverOpen, onDone: settleAll(road) }
  const [recorded] = await road.database.write((db) => recordTries(db, [tried], deps))
  walk.tries += 1

  const expected = model.get(one.delivery.id)
  if (expected?.status !== 'sending' || expected.claimId !== one.delivery.claimId)
    return expect(recorded).toBe('late')
  expected.counted += 1
  expect(expected.counted).toBeLessThanOrEqual(schedule.length)
  const delay = schedule[expected.attempts]
  const status = delivered ? 'delivered' : delay === undefined ? 'failed' : 'pending'
  const due =
    status === 'pending' && delay !== undefined
      ? { from: now + delay * 0.8, to: now + delay * 1.2 }
      : null
  Object.assign(expected, { status, claimId: null, due })
  expect(recorded).toBe(status)
}

function settleAll({ tools }: Road) {
  return (db: Parameters<typeof settle>[0], done: Parameters<typeof settle>[1]) =>
    settle(db, done, tools)
}

async function redeliver(walk: Walk, { pick }: { pick: number }) {
  const { road, model } = walk
  const id = [...model.keys()][pick % Math.max(1, model.size)]
  const expected = model.get(id ?? '')
  if (!id || !expected) return
  if (expected.status === 'sending') return expect(road.redeliver(id)).rejects.toThrow(Refused)
  await road.redeliver(id)
  const now = road.clock.now()
  model.set(id, { ...fresh(expected.paymentId), due: { from: now, to: now } })
}

async function take(walk: Walk, next: Step): Promise<void> {
  if (next.do === 'arrive') await arrive(walk, next)
  if (next.do === 'claim') await claimSome(walk, next)
  if (next.do === 'result') await result(walk, next)
  if (next.do === 'redeliver') await redeliver(walk, next)
  if (next.do === 'wait') walk.road.clock.advance(next.ms)
}

/** The tables say what the model says. */
async function expectAgreement({ road, model, payments: paymentIds, tries }: Walk) {
  const { rows, tried, paid } = await road.database.read(async (db) => ({
    rows: await db.select(deliveries, sql`ORDER BY id`),
    tried: await db.select(attempts, sql`ORDER BY id`),
    paid: await db.select(payments, sql`ORDER BY id`),
  }))
  expect(rows.map(({ id }) => id)).toEqual([...model.keys()].toSorted())
  expect(tried).toHaveLength(tries)
  for (const row of rows) {
    const { status, attempts: count, claimId, due } = model.get(row.id) ?? fresh('')
    expect(row).toMatchObject({ status, attempts: count, claimId })
    if (due === null) expect(row.dueDate).toBeNull()
    else expect(row.dueDate).toBeGreaterThanOrEqual(Math.floor(due.from))
    if (due !== null) expect(row.dueDate).toBeLessThanOrEqual(Math.ceil(due.to))
    expect(row.finishDate === null).toBe(due !== null)
  }
  expect(paid.map(({ id }) => id)).toEqual([...paymentIds].toSorted())
  for (const one of paid) {
    const own = [...model.values()].filter(({ paymentId }) => paymentId === one.id)
    expect(one).toMatchObject(statusOf(own.map(({ status }) => status)))
    expect(one.paymentProcessedDate === null).toBe(one.status !== 'notified')
  }
}

function statusOf(all: Delivery['status'][]) {
  if (all.length === 0) return { status: 'unrouted', processError: false }
  if (all.some((one) => one === 'pending' || one === 'sending'))
    return { status: 'received', processError: false }
  if (all.every((one) => one === 'delivered')) return { status: 'notified', processError: false }
  return { status: 'failed', processError: true }
}

async function emptied(road: Road): Promise<void> {
  await road.database.write(async (db) => {
    await db.run(sql`DELETE FROM attempts`)
    await db.run(sql`DELETE FROM deliveries`)
    await db.run(sql`DELETE FROM payments`)
  })
}

describe('the life of a delivery, whatever daemons do', () => {
  it('is moved on by the holder of its claim alone, within its schedule, as its payment says', async () => {
    const road = await openRoad()
    await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
    for (const routes of [0, 1, 2, 3]) await road.partner(`partner${routes}`, routes)
    const walks = fc.array(step, { minLength: 30, maxLength: 60, size: 'max' })
    await fc.assert(
      fc.asyncProperty(
        walks,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        async (steps, chance) => {
          await emptied(road)
          const walk: Walk = {
            road,
            random: () => chance,
            model: new Map(),
            payments: new Set(),
            held: [],
            tries: 0,
          }
          for (const next of [{ do: 'arrive', routes: 2 } as const, ...steps]) {
            await take(walk, next)
            await expectAgreement(walk)
          }
        },
      ),
      { numRuns: 100 },
    )
    await expectBooksToBalance(road.database)
  })
})
