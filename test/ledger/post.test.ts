import { describe, expect, it } from '@jest/globals'
import {
  accountsById,
  balanceOf,
  type NewTransfer,
  post,
  transfersById,
} from '../../src/ledger/index.ts'
import { expectBooksToBalance, tempDatabase } from '../support/temp-database.ts'

const time = Date.UTC(2026, 10, 21)
const most = 2n ** 63n - 1n

const account = (id: string, floor: bigint | null = null, currency = 'USD') => ({
  id,
  currency,
  floor,
})

let lastId = 0
function transfer(debitAccount: string, creditAccount: string, amount = 1n, currency = 'USD') {
  lastId += 1
  return { id: `trf_${1000 + lastId}`, debitAccount, creditAccount, amount, currency }
}

/** Accounts bank, shop (no overdraft), mall, all in USD, and euros. */
async function ledger() {
  const { database } = await tempDatabase()
  const accounts = [
    account('bank'),
    account('shop', 0n),
    account('mall', -100n),
    account('euros', null, 'EUR'),
  ]
  await database.write((db) => post(db, { groups: [], open: accounts, time }))
  const postAll = (...all: NewTransfer[][]) => {
    const groups = all.map((transfers) => ({ link: null, transfers }))
    return database.write((db) => post(db, { groups, open: [], time }))
  }
  const balances = async () => {
    const found = await database.read((db) =>
      accountsById(
        db,
        accounts.map(({ id }) => id),
      ),
    )
    return Object.fromEntries([...found].map(([id, one]) => [id, balanceOf(one)]))
  }
  return { database, postAll, balances }
}

const nothing = { bank: 0n, shop: 0n, mall: 0n, euros: 0n }

describe('posting', () => {
  it('takes from the debited account what it gives to the credited one', async () => {
    const { database, postAll, balances } = await ledger()
    expect(await postAll([transfer('bank', 'shop', 5500n)])).toEqual([{ ok: true }])
    expect(await balances()).toEqual({ ...nothing, bank: -5500n, shop: 5500n })
    await expectBooksToBalance(database)
  })

  it('writes each transfer down with its time and its link', async () => {
    const { database } = await ledger()
    const [a, b] = [transfer('bank', 'shop'), transfer('shop', 'mall')]
    const group = { link: 'lnk_1', transfers: [a, b] }
    await database.write((db) => post(db, { groups: [group], open: [], time }))
    const stored = await database.read((db) => transfersById(db, [a.id, b.id]))
    expect(stored).toEqual([a, b].map((one) => ({ ...one, link: 'lnk_1', createDate: time })))
  })

  it('books a group as a whole, so that money may pass through an account without overdraft', async () => {
    const { database, postAll, balances } = await ledger()
    const [posted] = await postAll([transfer('bank', 'shop', 5n), transfer('shop', 'mall', 5n)])
    expect(posted).toEqual({ ok: true })
    expect(await balances()).toEqual({ ...nothing, bank: -5n, mall: 5n })
    await expectBooksToBalance(database)
  })

  it('books nothing of a group of which one transfer is refused, and says which', async () => {
    const { database, postAll, balances } = await ledger()
    const bad = transfer('shop', 'mall', 6n)
    const [refused, posted] = await postAll(
      [transfer('bank', 'shop', 5n), bad],
      [transfer('bank', 'mall', 7n)],
    )
    expect(refused).toEqual({ ok: false, refusal: 'below_floor', transferId: bad.id })
    expect(posted).toEqual({ ok: true })
    expect(await balances()).toEqual({ ...nothing, bank: -7n, mall: 7n })
    await expectBooksToBalance(database)
  })

  it('tries each group on what the groups before it left', async () => {
    const { database, postAll, balances } = await ledger()
    const spend = () => [transfer('shop', 'bank', 4n)]
    const posted = await postAll(
      spend(),
      [transfer('bank', 'shop', 10n)],
      spend(),
      spend(),
      spend(),
    )
    expect(posted.map(({ ok }) => ok)).toEqual([false, true, true, true, false])
    expect(await balances()).toMatchObject({ shop: 2n })
    await expectBooksToBalance(database)
  })

  it('lets an account go down to its floor and not below', async () => {
    const { database, postAll, balances } = await ledger()
    expect(await postAll([transfer('mall', 'bank', 100n)])).toEqual([{ ok: true }])
    expect(await postAll([transfer('mall', 'bank', 1n)])).toMatchObject([
      { refusal: 'below_floor' },
    ])
    expect(await balances()).toMatchObject({ mall: -100n })
    await expectBooksToBalance(database)
  })

  it('refuses what would leave 64 bits, on either side, and keeps the books', async () => {
    const { database, postAll } = await ledger()
    expect(await postAll([transfer('bank', 'shop', most)])).toEqual([{ ok: true }])
    for (const one of [transfer('bank', 'mall'), transfer('mall', 'shop')])
      expect(await postAll([one])).toMatchObject([{ refusal: 'balance_out_of_range' }])
    await expectBooksToBalance(database)
  })

  it('is a fault for an amount that is not more than zero', async () => {
    const { postAll, balances } = await ledger()
    for (const amount of [0n, -1n])
      await expect(postAll([transfer('bank', 'shop', amount)])).rejects.toThrow('more than zero')
    expect(await balances()).toEqual(nothing)
  })

  it('is a fault for an id that was booked before', async () => {
    const { database, postAll, balances } = await ledger()
    const once = transfer('bank', 'shop', 5n)
    await postAll([once])
    await expect(postAll([once])).rejects.toThrow(/unique|duplicate/i)
    expect(await balances()).toMatchObject({ shop: 5n })
    await expectBooksToBalance(database)
  })

  it('has nothing to do for no groups and for groups without transfers', async () => {
    const { postAll } = await ledger()
    expect(await postAll()).toEqual([])
    expect(await postAll([])).toEqual([{ ok: true }])
  })
})

describe('a refusal', () => {
  /** Each row breaks its own rule and all that follow, so the first one must be named. */
  it.each([
    ['account_unknown', transfer('nobody', 'nobody', most, 'EUR')],
    ['account_unknown', transfer('bank', 'nobody', most, 'EUR')],
    ['currency_differs', transfer('shop', 'shop', most, 'EUR')],
    ['currency_differs', transfer('shop', 'euros', most)],
    ['same_account', transfer('shop', 'shop', most)],
    ['balance_out_of_range', transfer('shop', 'mall', most)],
    ['below_floor', transfer('shop', 'mall', 11n)],
  ])('is %s before any that comes later in the list', async (refusal, one) => {
    const { database, postAll } = await ledger()
    await postAll([transfer('bank', 'shop', 10n)], [transfer('shop', 'bank', 10n)])
    expect(await postAll([one])).toEqual([{ ok: false, refusal, transferId: one.id }])
    await expectBooksToBalance(database)
  })
})

describe('opening accounts', () => {
  it('leaves those that are there as they are', async () => {
    const { database, postAll } = await ledger()
    await postAll([transfer('bank', 'shop', 5n)])
    const again = [account('shop', null, 'EUR'), account('new'), account('new')]
    await database.write((db) => post(db, { groups: [], open: again, time: time + 1 }))
    const found = await database.read((db) => accountsById(db, ['shop', 'new']))
    expect(found.get('shop')).toMatchObject({ currency: 'USD', floor: 0n, credits: 5n })
    expect(found.get('new')).toMatchObject({ debits: 0n, credits: 0n, createDate: time + 1 })
    await expectBooksToBalance(database)
  })
})
