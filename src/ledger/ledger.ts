import type { Row } from '../platform/database/index.ts'
import type { accounts, transfers } from './schema.ts'

export type Account = Row<typeof accounts>
export type Transfer = Row<typeof transfers>

/** An account to open. `floor` is the least balance it may have, in minor units; null: none. */
export type NewAccount = Pick<Account, 'id' | 'currency' | 'floor'>

/** So much from the debited account to the credited one; the id is the caller's. */
export type NewTransfer = Pick<
  Transfer,
  'id' | 'debitAccount' | 'creditAccount' | 'amount' | 'currency'
>

/** Why transfers are not booked, in the order in which it is checked. */
export type LedgerRefusal =
  | 'account_unknown'
  | 'currency_differs'
  | 'same_account'
  | 'balance_out_of_range'
  | 'below_floor'

export type Posted = { ok: true } | { ok: false; refusal: LedgerRefusal; transferId: string }

/** Sums are stored in 64 bits, with a sign. */
const maxSum = 2n ** 63n - 1n

type Sums = Pick<Account, 'debits' | 'credits'>

/** Looks up an account as it is after all that was posted so far. */
export type Lookup = (id: string) => Account | undefined

/** The new sums of both accounts, or why they cannot have them. The order of the list above. */
export function move(transfer: NewTransfer, lookup: Lookup): Moved {
  const debited = lookup(transfer.debitAccount)
  const credited = lookup(transfer.creditAccount)
  if (!debited || !credited) return { ok: false, refusal: 'account_unknown' }
  if (debited.currency !== transfer.currency || credited.currency !== transfer.currency)
    return { ok: false, refusal: 'currency_differs' }
  if (debited.id === credited.id) return { ok: false, refusal: 'same_account' }

  const debits = debited.debits + transfer.amount
  const credits = credited.credits + transfer.amount
  if (debits > maxSum || credits > maxSum) return { ok: false, refusal: 'balance_out_of_range' }
  if (debited.floor !== null && debited.credits - debits < debited.floor)
    return { ok: false, refusal: 'below_floor' }
  return {
    ok: true,
    accounts: [
      { ...debited, debits },
      { ...credited, credits },
    ],
  }
}

type Moved = { ok: true; accounts: Account[] } | { ok: false; refusal: LedgerRefusal }

/** What an account holds: what went in less what went out, in minor units. */
export function balanceOf({ debits, credits }: Sums): bigint {
  return credits - debits
}
