import type { Reads } from '../platform/database/index.ts'
import { balanceOf } from './ledger.ts'
import * as store from './store.ts'

export type Books = {
  balanced: boolean
  accounts: number
  transfers: number
  /** The sum over all accounts of each currency, in minor units: zero when the books balance. */
  sums: { currency: string; sum: bigint }[]
  /** Accounts whose stored sums are not those of their transfers. */
  wrong: { account: string; currency: string; stored: bigint; counted: bigint }[]
}

/**
 * Proves the books on one snapshot. It adds up in the program and not in SQL, where a sum beyond
 * 64 bits is an error on one database and a float on another.
 */
export async function books(db: Reads): Promise<Books> {
  const debits = new Map<string, bigint>()
  const credits = new Map<string, bigint>()
  const currencies = new Map<string, string>()
  let transfers = 0
  for await (const { debitAccount, creditAccount, amount, currency } of store.allTransfers(db)) {
    add(debits, debitAccount, amount)
    add(credits, creditAccount, amount)
    currencies.set(debitAccount, currency).set(creditAccount, currency)
    transfers += 1
  }

  const sums = new Map<string, bigint>()
  const wrong: Books['wrong'] = []
  let accounts = 0
  for await (const account of store.allAccounts(db)) {
    const counted = {
      debits: debits.get(account.id) ?? 0n,
      credits: credits.get(account.id) ?? 0n,
    }
    add(sums, account.currency, balanceOf(account))
    if (counted.debits !== account.debits || counted.credits !== account.credits)
      wrong.push({
        account: account.id,
        currency: account.currency,
        stored: balanceOf(account),
        counted: balanceOf(counted),
      })
    currencies.delete(account.id)
    accounts += 1
  }
  // What is left here moved through accounts that do not exist.
  for (const [account, currency] of currencies) {
    const counted = (credits.get(account) ?? 0n) - (debits.get(account) ?? 0n)
    wrong.push({ account, currency, stored: 0n, counted })
  }

  const zero = [...sums.values()].every((sum) => sum === 0n)
  return {
    balanced: zero && wrong.length === 0,
    accounts,
    transfers,
    sums: [...sums].map(([currency, sum]) => ({ currency, sum })),
    wrong,
  }
}

function add(sums: Map<string, bigint>, key: string, amount: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + amount)
}
