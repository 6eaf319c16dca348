import { describe, expect, it } from '@jest/globals'
import { createLanes, createUsher, defaultRules } from '../../src/delivery/index.ts'
import { createNumberer } from '../../src/event/index.ts'
import { settle } from '../../src/payment/index.ts'
import type { Database } from '../../src/platform/database/index.ts'
import { serviceSuite } from '../platform/service.suite.ts'
import { atEnd } from '../support/at-end.ts'
import { quietLog } from '../support/quiet-log.ts'
import { arrive, openRoad, type Road } from '../support/road.ts'
import { statuses, strictRoad } from '../support/strict.ts'
import { turns } from '../support/turns.ts'
import { until } from '../support/until.ts'

const usherOn = ({ database, clock }: Pick<Road, 'database' | 'clock'>) =>
  createUsher({ database, clock, log: quietLog().log })

serviceSuite('the usher', async () => usherOn(await openRoad()))

/** A door that counts what goes through it. */
function counting(database: Database) {
  const count = { reads: 0, writes: 0 }
  let inside = 0
  const through = (work: Promise<unknown>) => {
    inside += 1
    const left = () => {
      inside -= 1
    }
    work.then(left, left)
  }
  const read: Database['read'] = (work) => {
    count.reads += 1
    const reading = database.read(work)
    through(reading)
    return reading
  }
  const write: Database['write'] = (work) => {
    count.writes += 1
    const writing = database.write(work)
    through(writing)
    return writing
  }
  /** Whether nobody has gone through for a good while. */
  const rests = async () => {
    const before = count.reads + count.writes
    await turns(100)
    return inside === 0 && count.reads + count.writes === before
  }
  return { door: { ...database, read, write }, count, rests }
}

/** A daemon with all that strict routes need; `answers` says which webhook gets through. */
async function daemon(road: Road, database: Database, answers: (count: number) => boolean) {
  const told: string[] = []
  const send = async ({ event }: { event: { subject: string } }) => {
    const delivered = answers(told.push(event.subject))
    return { delivered, stage: 'after' as const, status: null, error: null, answer: null }
  }
  const channel = { send, close: async () => {} }
  const { log } = quietLog()
  const lanes = createLanes({
    ...road.tools,
    database,
    log,
    channels: { api: channel, email: channel, sms: channel },
    vault: road.vault,
    random: () => 0.5,
    onDone: (db, done) => settle(db, done, road.tools),
    schedule: [0, 5000],
    timeoutMs: 15_000,
    leaseMs: 60_000,
    concurrency: 20,
    rules: defaultRules,
  })
  const usher = usherOn({ ...road, database })
  const numberer = createNumberer({ ...road.tools, database: road.database, log })
  const parts = [lanes, usher, ...(database.commitsOverlap ? [numberer] : [])]
  for (const part of parts) await part.start()
  for (const part of parts) atEnd(() => part.stop())
  return { told, lanes, usher }
}

describe('the usher', () => {
  it('moves a strict route on as soon as one is done', async () => {
    const road = await strictRoad()
    const { told } = await daemon(road, road.database, () => true)
    const paid = [...(await arrive(road, 10)), ...(await arrive(road, 10))]
    await until('all are told', () => told.length === 20)
    expect(told).toEqual(paid)
    await until('all is written down', async () =>
      Object.values(await statuses(road)).every((one) => one === 'delivered'),
    )
  })

  it('lets the daemon sleep while the first of many waits for its next try', async () => {
    const road = await strictRoad()
    const { door, count, rests } = counting(road.database)
    const { told, lanes } = await daemon(road, door, (times) => times > 1)
    const paid = await arrive(road, 10)
    const [first = ''] = paid
    const hasFailed = async () => told.length === 1 && (await statuses(road))[first] === 'pending'
    await until('it has failed', hasFailed)
    await until('all is at rest', rests)
    const before = { ...count }
    await turns(2000)
    expect(count.writes).toBe(before.writes)
    expect(count.reads - before.reads).toBeLessThanOrEqual(3)
    road.clock.advance(5000)
    lanes.wake()
    await until('all are told', () => told.length === 11)
    expect(told).toEqual([first, ...paid])
  })

  it('looks once where no route is strict, whatever else is going on', async () => {
    const road = await strictRoad('none')
    const { door, count } = counting(road.database)
    const usher = usherOn({ ...road, database: door })
    await usher.start()
    atEnd(() => usher.stop())
    await until('it has looked', () => count.reads === 1)
    await turns(20)
    for (let i = 0; i < 5; i += 1) await arrive(road, 5)
    await turns(20)
    expect(count).toEqual({ reads: 1, writes: 0 })
  })
})
