import { describe, expect, it } from '@jest/globals'
import { books, post } from '../../src/ledger/index.ts'
import type { Database } from '../../src/platform/database/index.ts'
import { Sql } from '../../src/platform/database/index.ts'
import { tempDatabase } from '../support/temp-database.ts'

/** Two currencies, five accounts, seven transfers; none of them alike. */
async function filled(): Promise<Database> {
  const { database } = await tempDatabase()
  const account = (id: string, currency: string) => ({ id, currency, floor: null })
  const transfers = [
    ['bank', 'shop', 100n],
    ['bank', 'mall', 20n],
    ['shop', 'mall', 3n],
    ['mall', 'bank', 7n],
    ['bank', 'shop', 11n],
  ] as const
  await database.write(async (db) => {
    const dollars = ['bank', 'shop', 'mall', 'idle'].map((id) => account(id, 'USD'))
    await post(db, {
      groups: [],
      open: [...dollars, account('ebank', 'EUR'), account('eshop', 'EUR')],
      time: 0,
    })
    const rows = transfers.map(([debitAccount, creditAccount, amount], i) => ({
      id: `trf_${i}`,
      debitAccount,
      creditAccount,
      amount,
      currency: 'USD',
    }))
    const euros = { debitAccount: 'ebank', creditAccount: 'eshop', amount: 20n, currency: 'EUR' }
    const all = [...rows, { id: 'trf_5', ...euros }]
    await post(db, { groups: [{ link: null, transfers: all }], open: [], time: 0 })
  })
  return database
}

class Undone extends Error {}

/** What the books say after somebody went at the tables; afterwards everything is as before. */
async function booksAfter(database: Database, statements: string[]) {
  let found: Awaited<ReturnType<typeof books>> | undefined
  const unit = database.write(async (db) => {
    for (const statement of statements) await db.run(new Sql(statement, []))
    found = await books(db)
    throw new Undone()
  })
  await expect(unit).rejects.toThrow(Undone)
  return found
}

describe('the books', () => {
  it('balance when every balance is that of its transfers', async () => {
    const database = await filled()
    expect(await database.read(books)).toEqual({
      balanced: true,
      accounts: 6,
      transfers: 6,
      sums: [
        { currency: 'USD', sum: 0n },
        { currency: 'EUR', sum: 0n },
      ],
      wrong: [],
    })
  })

  it('balance when there is nothing in them', async () => {
    const { database } = await tempDatabase()
    expect(await database.read(books)).toMatchObject({ balanced: true, sums: [], wrong: [] })
  })

  it.each([
    ['an account was given money', `UPDATE accounts SET credits = credits + 1 WHERE id = 'shop'`],
    ['an account lost money', `UPDATE accounts SET debits = debits + 1 WHERE id = 'shop'`],
    [
      'an account was inflated on both sides',
      `UPDATE accounts SET debits = debits + 1, credits = credits + 1 WHERE id = 'shop'`,
    ],
    [
      'money was shifted between two balances',
      `UPDATE accounts SET credits = credits + 5 WHERE id = 'shop'`,
      `UPDATE accounts SET credits = credits - 5 WHERE id = 'mall'`,
    ],
    [
      'an idle account was given money that another lost',
      `UPDATE accounts SET credits = 1 WHERE id = 'idle'`,
      `UPDATE accounts SET debits = debits + 1 WHERE id = 'bank'`,
    ],
    ['a transfer was deleted', `DELETE FROM transfers WHERE id = 'trf_2'`],
    ['all transfers were deleted', 'DELETE FROM transfers'],
    [
      'a transfer was added',
      `INSERT INTO transfers (id, debit_account, credit_account, amount, currency, create_date)
        VALUES ('trf_x', 'bank', 'shop', 1, 'USD', 0)`,
    ],
    ['an amount was changed', `UPDATE transfers SET amount = amount + 1 WHERE id = 'trf_0'`],
    ['a debtor was changed', `UPDATE transfers SET debit_account = 'idle' WHERE id = 'trf_0'`],
    ['a creditor was changed', `UPDATE transfers SET credit_account = 'idle' WHERE id = 'trf_0'`],
    [
      'a transfer was turned round',
      `UPDATE transfers SET debit_account = 'shop', credit_account = 'bank' WHERE id = 'trf_0'`,
    ],
    [
      'a transfer was put into another currency',
      `UPDATE transfers SET currency = 'EUR' WHERE id = 'trf_0'`,
    ],
    ['all transfers were put into another currency', `UPDATE transfers SET currency = 'JPY'`],
    [
      'an account was put into another currency',
      `UPDATE accounts SET currency = 'EUR' WHERE id = 'shop'`,
    ],
    [
      'all accounts of a currency were put into another',
      `UPDATE accounts SET currency = 'JPY' WHERE currency = 'EUR'`,
    ],
    ['an account was deleted', `DELETE FROM accounts WHERE id = 'shop'`],
    ['all accounts were deleted', 'DELETE FROM accounts'],
    ['an account was renamed', `UPDATE accounts SET id = 'shoq' WHERE id = 'shop'`],
  ])('do not balance when %s', async (_, ...statements) => {
    const database = await filled()
    const found = await booksAfter(database, statements)
    expect(found?.balanced).toBe(false)
    expect(await database.read(books)).toMatchObject({ balanced: true })
  })

  it('name the accounts that are wrong, with what is stored and what was counted', async () => {
    const database = await filled()
    const gone = [`UPDATE transfers SET credit_account = 'ghost' WHERE id = 'trf_0'`]
    expect(await booksAfter(database, gone)).toMatchObject({
      wrong: [
        { account: 'shop', currency: 'USD', stored: 108n, counted: 8n },
        { account: 'ghost', currency: 'USD', stored: 0n, counted: 100n },
      ],
    })
  })

  it('are exact where a sum leaves 64 bits', async () => {
    const { database } = await tempDatabase()
    const most = 2n ** 63n - 1n
    await database.write(async (db) => {
      const ids = ['a', 'b', 'c', 'd']
      await post(db, {
        groups: [],
        open: ids.map((id) => ({ id, currency: 'USD', floor: null })),
        time: 0,
      })
      const transfers = [
        { id: 't1', debitAccount: 'a', creditAccount: 'b', amount: most, currency: 'USD' },
        { id: 't2', debitAccount: 'c', creditAccount: 'd', amount: most, currency: 'USD' },
      ]
      await post(db, { groups: [{ link: null, transfers }], open: [], time: 0 })
    })
    expect(await database.read(books)).toMatchObject({ balanced: true })
    const changed = [`UPDATE accounts SET credits = credits - 1 WHERE id = 'd'`]
    expect(await booksAfter(database, changed)).toMatchObject({
      balanced: false,
      sums: [{ currency: 'USD', sum: -1n }],
    })
  })
})
