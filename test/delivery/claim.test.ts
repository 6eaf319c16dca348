import { describe, expect, it } from '@jest/globals'
import { claim } from '../../src/delivery/claim.ts'
import { createSlots, type Slots } from '../../src/delivery/slots.ts'
import { nextDue } from '../../src/delivery/store.ts'
import { policyOf } from '../../src/party/index.ts'
import { arrive, type Road, roadTo } from '../support/road.ts'
import { slotsOn } from '../support/slots.ts'

const leaseMs = 60_000

/** More than a claim looks over before it goes by routes. */
const many = 300

const claimed = async (road: Road, slots: Slots) => {
  const lease = { claimId: road.newId('clm'), now: road.clock.now(), leaseMs, slots, held: [] }
  return (await road.database.write((db) => claim(db, lease))).claimed
}

/** Claims with slots of its own until nothing comes, and gives none of them back. */
async function claimAll(road: Road, total: number) {
  const slots = await slotsOn(road, total)
  return { all: await claimWith(road, slots), slots }
}

async function claimWith(road: Road, slots: Slots) {
  const all: string[] = []
  for (;;) {
    const some = await claimed(road, slots)
    for (const { delivery, route } of some)
      slots.take({ routeId: delivery.routeId, concurrency: policyOf(route).concurrency })
    all.push(...some.map(({ delivery }) => delivery.accountId))
    if (some.length === 0) return all
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

describe('a claim for routes of which nothing is known', () => {
  it('takes one of each, also behind the much of others', async () => {
    const road = await roadTo('much', 'more', 'little')
    await arrive(road, many, { to: 'much' })
    await arrive(road, many, { to: 'more' })
    road.clock.advance(1)
    await arrive(road, 3, { to: 'little' })
    const slots = createSlots(10)
    expect((await claimWith(road, slots)).toSorted()).toEqual(['little', 'more', 'much'])
    expect(slots.full()).toHaveLength(3)
  })

  it('takes one of each at once where it goes by routes', async () => {
    const road = await roadTo('much', 'early', 'late', 'last')
    await arrive(road, many, { to: 'much' })
    const slots = createSlots(3)
    await claimWith(road, slots)
    for (const partner of ['early', 'late', 'last']) {
      road.clock.advance(1)
      await arrive(road, many, { to: partner })
    }
    const some = await claimed(road, slots)
    expect(some.map(({ delivery }) => delivery.accountId)).toEqual(['early', 'late'])
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
