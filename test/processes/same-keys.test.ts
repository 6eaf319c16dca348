import { expect, it } from '@jest/globals'
import { judge } from '../../src/intake/judge.ts'
import { payments } from '../../src/payment/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { openRoad } from '../support/road.ts'
import { conflictsOf, expectBooksToBalance, openDoors } from '../support/temp-database.ts'
import { heard } from '../support/test-bank.ts'

const rounds = 25
const keys = Array.from({ length: 64 }, (_, i) => `${i}`)

it('the same keys and transactions, told in opposite orders, are never waited for crosswise', async () => {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  await road.partner('partner1', 0)
  const doors = await openDoors(road.place, 2)
  for (let round = 0; round < rounds; round += 1) {
    const notices = (order: string[]) =>
      order.map((key) => heard(road, `payer1 partner1 5500 t${round}-${key}`, `${round}-${key}`))
    const verdicts = await Promise.all(
      [keys, keys.toReversed()].map((order, i) =>
        doors[i]?.write((db) =>
          judge(db, notices(order), { ...road.tools, firstDelayMs: () => 0 }),
        ),
      ),
    )
    const outcomes = verdicts.map((all) => [...new Set(all?.map(({ outcome }) => outcome))].join())
    expect(outcomes.toSorted()).toEqual(['accepted', 'duplicate'])
  }
  // In each round one of the two has to look again; SQLite's writer asks until it is let in.
  if (road.place.dialect !== 'sqlite') expect(conflictsOf(doors)).toBeLessThanOrEqual(rounds)
  const rows = await road.database.read((db) => db.select(payments, sql`WHERE 1 = 1`))
  expect(rows).toHaveLength(rounds * keys.length)
  await expectBooksToBalance(road.database)
})
