import { describe, expect, it } from '@jest/globals'
import { deliveries, listDeliveries } from '../../src/delivery/index.ts'
import { record } from '../../src/payment/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { everyones } from '../../src/platform/own.ts'
import { arrival, openRoad, type Road } from '../support/road.ts'

/** Three payments each to a partner with two routes and to one with one route, in turn. */
async function roadWithDeliveries(): Promise<Road> {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  await road.partner('two', 2)
  await road.partner('one', 1)
  for (const accountNumber of ['two', 'one', 'two', 'one', 'two', 'one']) {
    const arrivals = [arrival(road, { accountNumber })]
    const deps = { ...road.tools, firstDelayMs: () => 0 }
    await road.database.write((db) => record(db, arrivals, deps))
    road.clock.advance(1)
  }
  return road
}

describe('the deliveries of an account', () => {
  it.each([
    ['two', 6],
    ['one', 3],
    ['nobody', 0],
  ])('are those on all routes of %s, newest first, page by page', async (account_number, count) => {
    const road = await roadWithDeliveries()
    const list = (limit: number, after: string | null) =>
      road.database.read((db) =>
        listDeliveries(db, { own: everyones, account_number }, limit, after),
      )
    const own = sql`WHERE account_id = ${account_number} ORDER BY id DESC`
    const expected = await road.database.read((db) => db.select(deliveries, own))
    expect(expected).toHaveLength(count)
    const found = []
    for (let after: string | null = null; ; after = found.at(-1)?.id ?? null) {
      const page = await list(2, after)
      found.push(...page)
      if (page.length < 2) break
    }
    expect(found).toEqual(expected)
  })

  it('may be asked for by their status as well', async () => {
    const road = await roadWithDeliveries()
    const countOf = (status: 'pending' | 'failed') =>
      road.database.read(
        async (db) =>
          (await listDeliveries(db, { own: everyones, account_number: 'two', status }, 50, null))
            .length,
      )
    expect([await countOf('pending'), await countOf('failed')]).toEqual([6, 0])
  })
})
