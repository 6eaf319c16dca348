import { describe, expect, it } from '@jest/globals'
import { type NewAccount, type NewTransfer, post } from '../../src/ledger/index.ts'
import type { NewId } from '../../src/platform/id.ts'
import { manualClock } from '../support/manual-clock.ts'
import { type Chance, seeded } from '../support/seeded.ts'
import {
  conflictsOf,
  expectBooksToBalance,
  openDoors,
  tempDatabase,
} from '../support/temp-database.ts'

const unitsOfADoor = 25

function accountsWith(floorOf: (i: number) => bigint | null): NewAccount[] {
  return Array.from({ length: 9 }, (_, i) => ({
    id: `a${i}`,
    currency: 'USD',
    floor: floorOf(i),
  }))
}

function shuffled<T>(all: readonly T[], chance: Chance): T[] {
  const left = [...all]
  return all.flatMap(() => left.splice(chance.between(0, left.length - 1), 1))
}

/** Moves money along some of the accounts, in an order of its own. */
function trip(accounts: NewAccount[], chance: Chance, newId: NewId): NewTransfer[] {
  const way = shuffled(accounts, chance).slice(0, chance.between(2, accounts.length))
  return way.slice(1).map(({ id }, i) => ({
    id: newId('trf'),
    debitAccount: way[i]?.id ?? '',
    creditAccount: id,
    amount: 1n,
    currency: 'USD',
  }))
}

describe('units that move the same accounts in many orders at once', () => {
  // Accounts with a floor are held when they are read, the others when their sums are added to.
  it.each([
    ['without floors', () => null],
    ['of which some have a floor', (i: number) => (i % 2 ? -1_000_000n : null)],
  ])('wait for each other, but never crosswise: accounts %s', async (_, floorOf) => {
    const { place, database } = await tempDatabase()
    const accounts = accountsWith(floorOf)
    await database.write((db) => post(db, { groups: [], open: accounts, time: 1 }))
    const doors = await openDoors(place, 4)
    const chance = seeded(1)
    const { newId } = manualClock()
    const units = doors.flatMap((door) =>
      Array.from({ length: unitsOfADoor }, async () => {
        const transfers = trip(accounts, chance, newId)
        const groups = transfers.map((one) => ({ link: null, transfers: [one] }))
        return door.write((db) => post(db, { groups, open: [], time: 1 }))
      }),
    )
    const posted = (await Promise.all(units)).flat()
    expect(posted.filter(({ ok }) => !ok)).toEqual([])
    // SQLite's only writer is waited for by asking again, which counts as well.
    if (place.dialect !== 'sqlite') expect(conflictsOf(doors)).toBe(0)
    await expectBooksToBalance(database)
  })
})
