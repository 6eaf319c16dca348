import { describe, expect, it } from '@jest/globals'
import { claim } from '../../src/delivery/claim.ts'
import { createSlots, type Slots } from '../../src/delivery/slots.ts'
import { nextDue } from '../../src/delivery/store.ts'
import { policyOf } from '../../src/party/index.ts'
import { record } from '../../src/payment/index.ts'
import { arrival, openRoad, type Road } from '../support/road.ts'

const leaseMs = 60_000

/** More than a claim looks over before it goes by routes. */
const many = 300

/** A road with payers and partners, each with one route. */
async function roadTo(...partners: string[]): Promise<Road> {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  for (const partner of partners) await road.partner(partner, 1)
  return road
}

const arrive = (road: Road, accountNumber: string, count: number) =>
  road.database.write((db) =>
    record(
      db,
      Array.from({ length: count }, () => arrival(road, { accountNumber })),
      { ...road.tools, firstDelayMs: () => 0 },
    ),
  )

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
    await arrive(road, 'much', many)
    road.clock.advance(1)
    await arrive(road, 'little', 3)
    const { all } = await claimAll(road, 10)
    expect(all.toSorted()).toEqual([...Array(2).fill('little'), ...Array(8).fill('much')])
  })

  it('takes of many routes first what has been due for longest', async () => {
    const road = await roadTo('much', 'late', 'early')
    await arrive(road, 'much', many)
    for (const partner of ['early', 'late']) {
      road.clock.advance(1)
      await arrive(road, partner, 1)
    }
    const { all } = await claimAll(road, 5)
    expect(all).toEqual(['much', 'much', 'much', 'much', 'early'])
  })

  it('takes over what a daemon left, also behind the much of a route that is full', async () => {
    const road = await roadTo('much', 'left')
    await arrive(road, 'left', 1)
    await claimAll(road, 1)
    await arrive(road, 'much', many)
    road.clock.advance(leaseMs)
    const { all } = await claimAll(road, 5)
    expect(all.filter((one) => one === 'left')).toHaveLength(1)
  })
})

describe('when the next is due', () => {
  it('is told of routes that have room, however much the full ones have', async () => {
    const road = await roadTo('much', 'little')
    await arrive(road, 'much', many)
    road.clock.advance(5)
    const { slots } = await claimAll(road, 10)
    const full = slots.full()
    const next = () => road.database.read((db) => nextDue(db, full))
    expect(full).toHaveLength(1)
    expect(await next()).toBeNull()
    await arrive(road, 'little', 1)
    expect(await next()).toBe(road.clock.now())
  })
})
