import { describe, expect, it } from '@jest/globals'
import { createLanes, createUsher, defaultRules } from '../../src/delivery/index.ts'
import { moveUp } from '../../src/delivery/strict.ts'
import { createNumberer } from '../../src/event/index.ts'
import { settle } from '../../src/payment/index.ts'
import type { Database } from '../../src/platform/database/index.ts'
import { atEnd } from '../support/at-end.ts'
import { claimOn, storedDeliveries } from '../support/claiming.ts'
import { numberedEvents, numberThem } from '../support/event.ts'
import { quietLog } from '../support/quiet-log.ts'
import { arrive, type Road } from '../support/road.ts'
import { paymentsOf, strictRoad, waitingTurns } from '../support/strict.ts'
import { openDoors, openPlace } from '../support/temp-database.ts'
import { until } from '../support/until.ts'

/** A daemon beside others; all of them tell one partner, who stumbles now and then. */
async function daemon(road: Road, database: Database, told: string[]): Promise<void> {
  const { log } = quietLog()
  let tries = 0
  const send = async ({ event }: { event: { subject: string } }) => {
    tries += 1
    const delivered = tries % 4 > 0
    if (delivered) told.push(event.subject)
    return { delivered, stage: 'after' as const, status: null, error: null, answer: null }
  }
  const channel = { send, close: async () => {} }
  const lanes = createLanes({
    ...road.tools,
    database,
    log,
    channels: { api: channel, email: channel, sms: channel },
    vault: road.vault,
    random: () => 0.5,
    onDone: (db, done) => settle(db, done, road.tools),
    schedule: Array(20).fill(0),
    timeoutMs: 15_000,
    leaseMs: 60_000,
    concurrency: 5,
    rules: defaultRules,
  })
  const usher = createUsher({ database, clock: road.clock, log })
  const numberer = createNumberer({ ...road.tools, database, log })
  const parts = [lanes, usher, ...(database.commitsOverlap ? [numberer] : [])]
  const wake = () => {
    for (const part of parts) part.wake()
  }
  const all = [...parts, database.watch(wake, () => {})]
  for (const part of all) await part.start()
  for (const part of all) atEnd(() => part.stop())
}

describe('daemons on a strict route', () => {
  it('tell each payment once, in order, however many of them there are', async () => {
    const road = await strictRoad()
    const doors = [await openPlace(road.place, road.clock), await openPlace(road.place, road.clock)]
    const told: string[] = []
    for (const door of doors) await daemon(road, door, told)
    const writers = await openDoors(road.place, 2)
    const paid = 24
    await Promise.all(
      writers.map(async (database) => {
        for (let i = 0; i < paid / 4; i += 1) await arrive(road, 2, { database })
      }),
    )
    await until('all are told', () => told.length >= paid, 60_000)
    const happened = await numberedEvents(road.database)
    const received = happened.filter(({ type }) => type === 'payment.received')
    expect(told).toEqual(received.map(({ subject }) => subject))
  })

  it('let one go and no other, when all of them look at once', async () => {
    const road = await strictRoad()
    const paid = await arrive(road, 6)
    const doors = await openDoors(road.place, 3)
    await numberThem(road.database)
    for (let i = 0; i < 5; i += 1) {
      const now = road.clock.now()
      await Promise.all(doors.map((door) => door.write((db) => moveUp(db, now))))
    }
    const claims = await Promise.all(doors.map((door) => claimOn(road, door, { limit: 5 })))
    expect(paymentsOf(claims.flat())).toEqual(paid.slice(0, 1))
    expect(await waitingTurns(road)).toHaveLength(5)
  })

  it('lose none and double none while the ordering is changed and payments come', async () => {
    const road = await strictRoad()
    const [first, second, third] = await openDoors(road.place, 3)
    if (!first || !second || !third) throw new Error('there are three')
    const change = (ordering: 'none' | 'strict') =>
      road.parties.changeRoute('partner1', road.route.id, { ordering })
    const come = async (database: Database) => {
      for (let i = 0; i < 20; i += 1) await arrive(road, 3, { database })
    }
    const look = async () => {
      for (let i = 0; i < 40; i += 1) {
        await numberThem(third)
        await third.write((db) => moveUp(db, road.clock.now()))
      }
    }
    const switchOver = async () => {
      for (let i = 0; i < 10; i += 1)
        for (const one of ['none', 'strict'] as const) await change(one)
    }
    await Promise.all([come(first), come(second), look(), switchOver()])
    const rows = await storedDeliveries(road)
    expect(rows).toHaveLength(120)
    const waiting = rows.filter(({ status }) => status === 'waiting').map(({ id }) => id)
    expect((await waitingTurns(road)).map(({ deliveryId }) => deliveryId)).toEqual(waiting)
    expect(rows.length - waiting.length).toBeLessThanOrEqual(1)
  })
})
