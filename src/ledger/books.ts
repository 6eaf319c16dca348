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
  const counted = new Map<string, Counted>()
  let transfers = 0
  for await (const { debitAccount, creditAccount, amount, currency } of store.allTransfers(db)) {
    countedFor(counted, debitAccount, currency).debits += amount
    countedFor(counted, creditAccount, currency).credits += amount
    transfers += 1
  }

  const sums = new Map<string, bigint>()
  const wrong: Books['wrong'] = []
  let accounts = 0
  for await (const { id: account, currency, debits, credits } of store.allAccounts(db)) {
    const own = countedFor(counted, account, currency)
    const stored = balanceOf({ debits, credits })
    sums.set(currency, (sums.get(currency) ?? 0n) + stored)
    if (own.debits !== debits || own.credits !== credits)
      wrong.push({ account, currency, stored, counted: balanceOf(own) })
    counted.delete(keyOf(account, currency))
    accounts += 1
  }
  // What is left moved through accounts that do not exist, or not in this currency.
  for (const { account, currency, ...own } of counted.values())
    wrong.push({ account, currency, stored: 0n, counted: balanceOf(own) })

  const zero = [...sums.values()].every((sum) => sum === 0n)
  return {
    balanced: zero && wrong.length === 0,
    accounts,
    transfers,
    sums: [...sums].map(([currency, sum]) => ({ currency, sum })),
    wrong,
  }
}

/** What transfers of one currency moved through one account. */
type Counted = { account: string; currency: string; debits: bigint; credits: bigint }

function countedFor(all: Map<string, Counted>, account: string, currency: string): Counted {
  const key = keyOf(account, currency)
  const known = all.get(key) ?? { account, currency, debits: 0n, credits: 0n }
  all.set(key, known)
  return known
}

/** A currency has no blank, so no two keys are the same. */
function keyOf(account: string, currency: string): string {
  return `${currency} ${account}`
}
