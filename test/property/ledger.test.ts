import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  accountsById,
  books,
  type LedgerRefusal,
  type NewAccount,
  type NewTransfer,
  post,
} from '../../src/ledger/index.ts'
import { tempDatabase } from '../support/temp-database.ts'

const most = 2n ** 63n - 1n

type Planned = { debit: number; credit: number; amount: bigint; currency: string }

const currency = fc.constantFrom('USD', 'USD', 'USD', 'EUR')

const accounts = fc.array(
  fc.record({
    currency,
    floor: fc.option(fc.bigInt(-50n, 0n), { nil: null, freq: 2 }),
  }),
  { minLength: 2, maxLength: 6 },
)

/** Mostly small sums, so that floors and balances meet; sometimes as much as there can be. */
const amount = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt(1n, 60n) },
  { weight: 1, arbitrary: fc.bigInt(1n, most) },
)

/** Which account; the index beyond the last is an account that does not exist. */
const index = fc.nat({ max: 6 })
const group = fc.array(fc.record({ debit: index, credit: index, amount, currency }), {
  minLength: 1,
  maxLength: 4,
})
const batches = fc.array(fc.array(group, { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 5,
})

type Balances = Map<string, { debits: bigint; credits: bigint }>

/** The ledger as the contract tells it, in the fewest words: one transfer after the other. */
function refusalOf(one: NewTransfer, all: Map<string, NewAccount>, now: Balances) {
  const [debited, credited] = [all.get(one.debitAccount), all.get(one.creditAccount)]
  const [from, to] = [now.get(one.debitAccount), now.get(one.creditAccount)]
  const rules: [LedgerRefusal, boolean][] = [
    ['account_unknown', !debited || !credited],
    ['currency_differs', debited?.currency !== one.currency || credited?.currency !== one.currency],
    ['same_account', one.debitAccount === one.creditAccount],
    [
      'balance_out_of_range',
      (from?.debits ?? 0n) + one.amount > most || (to?.credits ?? 0n) + one.amount > most,
    ],
    [
      'below_floor',
      typeof debited?.floor === 'bigint' &&
        (from?.credits ?? 0n) - (from?.debits ?? 0n) - one.amount < debited.floor,
    ],
  ]
  return rules.find(([, broken]) => broken)?.[0]
}

/** Tries a group on a copy of the balances: all of it or nothing. */
function tried(transfers: NewTransfer[], all: Map<string, NewAccount>, now: Balances) {
  const draft: Balances = new Map([...now].map(([id, sums]) => [id, { ...sums }]))
  for (const one of transfers) {
    const refusal = refusalOf(one, all, draft)
    if (refusal) return { posted: { ok: false, refusal, transferId: one.id }, left: now }
    const [from, to] = [draft.get(one.debitAccount), draft.get(one.creditAccount)]
    if (from) from.debits += one.amount
    if (to) to.credits += one.amount
  }
  return { posted: { ok: true }, left: draft }
}

describe('the ledger, whatever is asked of it', () => {
  it('books what the rules allow, all of a group or nothing, and always balances', async () => {
    const { database } = await tempDatabase()
    let run = 0
    await fc.assert(
      fc.asyncProperty(accounts, batches, async (kinds, plan) => {
        run += 1
        let made = 0
        const named = kinds.map((kind, i) => ({ id: `r${run}_a${i}`, ...kind }))
        const all = new Map(named.map((one) => [one.id, one]))
        let expected: Balances = new Map(named.map(({ id }) => [id, { debits: 0n, credits: 0n }]))
        await database.write((db) => post(db, { groups: [], open: named, time: run }))

        const transferOf = ({ debit, credit, amount, currency }: Planned): NewTransfer => {
          made += 1
          const id = `r${run}_t${made}`
          const [debitAccount, creditAccount] = [`r${run}_a${debit}`, `r${run}_a${credit}`]
          return { id, debitAccount, creditAccount, amount, currency }
        }
        for (const batch of plan) {
          const groups = batch.map((some) => ({ link: null, transfers: some.map(transferOf) }))
          const answers = groups.map(({ transfers }) => {
            const { posted, left } = tried(transfers, all, expected)
            expected = left
            return posted
          })
          expect(await database.write((db) => post(db, { groups, open: [], time: run }))).toEqual(
            answers,
          )
        }
        const stored = await database.read((db) => accountsById(db, [...all.keys()]))
        const sums = [...stored].map(([id, { debits, credits }]) => [id, { debits, credits }])
        expect(new Map(sums as [])).toEqual(expected)
        expect(await database.read(books)).toMatchObject({ balanced: true, wrong: [] })
      }),
      { numRuns: 200 },
    )
  })
})
