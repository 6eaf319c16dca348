import { describe, expect, it } from '@jest/globals'
import { defaultRules } from '../../src/delivery/breaker.ts'
import type { Claimed } from '../../src/delivery/claim.ts'
import { attemptTotals } from '../../src/delivery/index.ts'
import { createSlots } from '../../src/delivery/slots.ts'
import { createWriting } from '../../src/delivery/write.ts'
import { settle } from '../../src/payment/index.ts'
import { type Database, sql } from '../../src/platform/database/index.ts'
import { leaseMs, roadWithPayments, storedDeliveries } from '../support/claiming.ts'
import { delivered, failed } from '../support/daemon.ts'
import type { Road } from '../support/road.ts'
import { slotsOn } from '../support/slots.ts'

const rules = { ...defaultRules, failures: 5 }

/** What a daemon with so many slots writes; `commits` counts its units. */
function writingOn({ tools, database }: Road, slots = createSlots(50)) {
  let commits = 0
  const door: Database = {
    ...database,
    write(work) {
      commits += 1
      return database.write(work)
    },
  }
  const onDone: Parameters<typeof createWriting>[0]['onDone'] = (db, done) =>
    settle(db, done, tools)
  const deps = { ...tools, random: () => 0.5, schedule: [0], rules, onDone }
  const writing = createWriting({ ...deps, database: door })
  const lease = () => {
    const claimId = tools.newId('clm')
    return { claimId, now: tools.clock.now(), leaseMs, slots, held: [] }
  }
  const triedWith =
    (sent = delivered) =>
    ({ delivery, route }: Claimed) => {
      const { startDate, durationMs } = { startDate: tools.clock.now(), durationMs: 1 }
      return { delivery, route, sent, startDate, durationMs, recent: [] }
    }
  return { writing, lease, triedWith, commits: () => commits }
}

const statuses = async (road: Road) => (await storedDeliveries(road)).map(({ status }) => status)

describe('what a daemon writes', () => {
  it('is one commit for the tries that end together and the claim that follows them', async () => {
    const road = await roadWithPayments({ routes: 1, count: 4 })
    const { writing, lease, triedWith, commits } = writingOn(road, await slotsOn(road, 3))
    const { claimed, isMore } = await writing.claim(lease())
    expect([claimed.length, isMore, commits()]).toEqual([2, true, 1])

    const tries = claimed.map(triedWith())
    const [first, second, next] = await Promise.all([
      ...tries.map((one) => writing.record(one)),
      writing.claim(lease()),
    ])
    expect([first, second, next, commits()]).toMatchObject([
      'delivered',
      'delivered',
      { claimed: [{}, {}], isMore: false },
      2,
    ])
    expect(await statuses(road)).toEqual(['delivered', 'delivered', 'sending', 'sending'])
    const totals = await road.database.read((db) =>
      db.select(attemptTotals, sql`WHERE id = ${'api delivered'}`),
    )
    expect(totals).toMatchObject([{ count: 2 }])
  })

  it('takes nothing on a lane that the tries before it have opened', async () => {
    const road = await roadWithPayments({ routes: 1, count: 30 })
    const { writing, lease, triedWith } = writingOn(road, await slotsOn(road, 20))
    const { claimed } = await writing.claim(lease())
    const records = claimed.map(triedWith(failed)).map((one) => writing.record(one))
    const { claimed: more } = await writing.claim(lease())
    expect(new Set(await Promise.all(records))).toEqual(new Set(['failed']))
    expect(more).toEqual([])
  })

  it('loses no try when a claim beside it breaks', async () => {
    const road = await roadWithPayments({ routes: 1, count: 2 })
    const { writing, lease, triedWith } = writingOn(road, await slotsOn(road, 3))
    const { claimed } = await writing.claim(lease())
    const slots = {
      ...createSlots(50),
      free: () => {
        throw new Error('a bug')
      },
    }
    const [claiming, ...records] = await Promise.allSettled([
      writing.claim({ ...lease(), slots }),
      ...claimed.map(triedWith()).map((one) => writing.record(one)),
    ])
    expect(claiming).toMatchObject({ status: 'rejected', reason: { message: 'a bug' } })
    expect(records).toMatchObject([{ value: 'delivered' }, { value: 'delivered' }])
    expect(await statuses(road)).toEqual(['delivered', 'delivered'])
  })
})
