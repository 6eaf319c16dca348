import { describe, expect, it } from '@jest/globals'
import { accounts } from '../../src/ledger/index.ts'
import { record } from '../../src/payment/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { arrival, openRoad } from '../support/road.ts'
import { expectBooksToBalance, openDoors } from '../support/temp-database.ts'

const partners = Array.from({ length: 12 }, (_, i) => `partner${i}`)

describe('first payments for accounts that several processes open at once', () => {
  it.each([
    ['in the same order', (names: string[]) => names],
    [
      'in orders of their own',
      (names: string[], i: number) => (i % 2 ? names : names.toReversed()),
    ],
  ])('are all booked on one account each, %s', async (_, orderOf) => {
    const road = await openRoad()
    await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
    for (const name of partners) await road.partner(name, 0)
    const doors = await openDoors(road.place, 4)

    const decisions = await Promise.all(
      doors.map((door, i) => {
        const arrivals = orderOf(partners, i).map((accountNumber) =>
          arrival(road, { accountNumber }),
        )
        return door.write((db) => record(db, arrivals, { ...road.tools, firstDelayMs: () => 0 }))
      }),
    )
    expect(new Set(decisions.flat().map(({ status }) => status))).toEqual(new Set(['recorded']))
    const rows = await road.database.read((db) => db.select(accounts, sql`ORDER BY id`))
    expect(rows.map(({ id, debits, credits }) => [id, credits - debits]).toSorted()).toEqual(
      [
        ...partners.map((name) => [`partner:${name}:USD`, 4n * 5500n]),
        ['settlement:test_bank:USD', -4n * 12n * 5500n],
      ].toSorted(),
    )
    await expectBooksToBalance(road.database)
  })
})
