import { describe, expect, it } from '@jest/globals'
import { claim } from '../../src/delivery/claim.ts'
import { createSlots, type Slots } from '../../src/delivery/slots.ts'
import { nextDue } from '../../src/delivery/store.ts'
import { policyOf } from '../../src/party/index.ts'
import { arrive, type Road, roadTo } from '../support/road.ts'

const leaseMs = 60_000

/** More than a claim looks over before it goes by routes. */
const many = 300

const claimed = async (road: Road, slots: Slots) => {
  const lease = { claimId: road.newId('clm'), now: road.clock.now(), leaseMs, slots, held: [] }
  return (await road.database.write((db) => claim(db, lease))).claimed
}

/** Claims with slots of its own until nothing comes, and gives none of them back. */
async function claimAll(road: Road, total: number) {
  const slots = createSlots(total)
  const all: string[] = []
  for (;;) {
    const some = await claimed(road, slots)
    for (const { delivery, route } of some)
      slots.take({ routeId: delivery.routeId, concurrency: policyOf(route).concurrency })
    all.push(...some.map(({ delivery }) => delivery.accountId))
    if (some.length === 0) return { all, slots }
  }
}

describe('a claim', () => {
  it('finds the little that is due behind the much of a route that is full', async () => {
    const road = await roadTo('much', 'little')
    await arrive(road, many, { to: 'much' })
    road.clock.advance(1)
    await arrive(road, 3, { to: 'little' })
    const { all } = await claimAll(road, 10)
    expect(all.toSorted()).toEqual([...Array(2).fill('little'), ...Array(8).fill('much')])
  })

  it('takes of many routes first what has been due for longest', async () => {
    const road = await roadTo('much', 'late', 'early')
    await arrive(road, many, { to: 'much' })
    for (const partner of ['early', 'late']) {
      road.clock.advance(1)
      await arrive(road, 1, { to: partner })
    }
    const { all } = await claimAll(road, 5)
    expect(all).toEqual(['much', 'much', 'much', 'much', 'early'])
  })

  it('takes over what a daemon left, also behind the much of a route that is full', async () => {
    const road = await roadTo('much', 'left')
    await arrive(road, 1, { to: 'left' })
    await claimAll(road, 1)
    await arrive(road, many, { to: 'much' })
    road.clock.advance(leaseMs)
    const { all } = await claimAll(road, 5)
    expect(all.filter((one) => one === 'left')).toHaveLength(1)
  })
})

describe('when the next is due', () => {
  it('is told of routes that have room, however much the full ones have', async () => {
    const road = await roadTo('much', 'little')
    await arrive(road, many, { to: 'much' })
    road.clock.advance(5)
    const { slots } = await claimAll(road, 10)
    const full = slots.full()
    const next = () => road.database.read((db) => nextDue(db, full))
    expect(full).toHaveLength(1)
    expect(await next()).toBeNull()
    await arrive(road, 1, { to: 'little' })
    expect(await next()).toBe(road.clock.now())
  })
})
