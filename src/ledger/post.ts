import type { Db } from '../platform/database/index.ts'
import { invariant } from '../platform/invariant.ts'
import {
  type Account,
  type LedgerRefusal,
  move,
  type NewAccount,
  type NewTransfer,
  type Posted,
} from './ledger.ts'
import * as store from './store.ts'

type Posting = {
  groups: { link: string | null; transfers: NewTransfer[] }[]
  /** Accounts that are opened first where they do not exist yet; those that do stay as they are. */
  open: NewAccount[]
  time: number
}

/**
 * Books transfers. Each group is linked: all of it is booked or, on the first refusal, none. The
 * groups are tried in order, each on the balances that those before it left. One answer a group.
 */
export async function post(db: Db, { groups, open, time }: Posting): Promise<Posted[]> {
  const all = groups.flatMap(({ transfers }) => transfers)
  invariant(
    all.every(({ amount }) => amount > 0n),
    'a transfer moves more than zero',
  )
  const named = all.flatMap((one) => [one.debitAccount, one.creditAccount])
  const ids = new Set([...named, ...open.map(({ id }) => id)])
  const before = await store.accountsById(db, [...ids])
  await holdFloored(db, before)
  await openMissing(db, open, before, time)
  const now = new Map(before)

  const posted = groups.map(({ transfers }) => tryGroup(transfers, now))
  const booked = groups.flatMap(({ link, transfers }, i) =>
    posted[i]?.ok ? transfers.map((one) => ({ ...one, link, createDate: time })) : [],
  )
  await store.insertTransfers(db, booked)
  await store.addToSums(db, growth(before, now))
  return posted
}

/**
 * What was read of an account may be behind what other processes book meanwhile. That is good
 * enough without a floor, since the growth is added to what is there by then.
 */
async function holdFloored(db: Db, known: Map<string, Account>): Promise<void> {
  const floored = [...known.values()].filter(({ floor }) => floor !== null).map(({ id }) => id)
  if (floored.length === 0) return
  for (const account of await store.holdAccounts(db, floored)) known.set(account.id, account)
}

async function openMissing(
  db: Db,
  wanted: NewAccount[],
  known: Map<string, Account>,
  time: number,
): Promise<void> {
  const missing: Account[] = []
  for (const account of wanted) {
    if (known.has(account.id)) continue
    const opened = { ...account, debits: 0n, credits: 0n, createDate: time }
    known.set(account.id, opened)
    missing.push(opened)
  }
  await store.insertAccounts(db, missing)
}

/** Moves a whole group on the balances in hand, or leaves them as they were. */
function tryGroup(transfers: NewTransfer[], now: Map<string, Account>): Posted {
  const draft = new Map<string, Account>()
  for (const transfer of transfers) {
    const moved = move(transfer, (id) => draft.get(id) ?? now.get(id))
    if (!moved.ok) return refused(moved.refusal, transfer.id)
    for (const account of moved.accounts) draft.set(account.id, account)
  }
  for (const [id, account] of draft) now.set(id, account)
  return { ok: true }
}

function refused(refusal: LedgerRefusal, transferId: string): Posted {
  return { ok: false, refusal, transferId }
}

/** By how much each account's sums grew; accounts that stayed as they were are left out. */
function growth(before: Map<string, Account>, now: Map<string, Account>): Account[] {
  return [...now.values()].flatMap((account) => {
    const old = before.get(account.id)
    invariant(old, 'only accounts that exist are moved')
    if (old === account) return []
    const debits = account.debits - old.debits
    const credits = account.credits - old.credits
    return [{ ...account, debits, credits }]
  })
}
