import { z } from 'zod'
import { toIso } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import {
  dateCursor,
  type Endpoint,
  endpoint,
  ok,
  pageOf,
  pageQuery,
  toPage,
} from '../platform/http/index.ts'
import { formatAmount } from '../platform/money.ts'
import { Refused } from '../platform/problem.ts'
import { type Account, balanceOf, type Transfer } from './ledger.ts'
import * as store from './store.ts'

const accountJson = z
  .object({
    id: z.string(),
    currency: z.string(),
    balance: z.string().describe('credits less debits'),
    debits: z.string(),
    credits: z.string(),
    floor: z.string().nullable(),
    create_date: z.iso.datetime(),
  })
  .meta({ id: 'Account' })

export const transferJson = z
  .object({
    id: z.string(),
    debit_account: z.string(),
    credit_account: z.string(),
    amount: z.string(),
    currency: z.string(),
    create_date: z.iso.datetime(),
  })
  .meta({ id: 'Transfer' })

export function ledgerEndpoints(database: Database): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/accounts',
      summary: 'List the accounts of the ledger, newest first',
      scope: 'read',
      query: z.strictObject(pageQuery),
      answer: { status: 200, description: 'a page of accounts', schema: pageOf(accountJson) },
      refusals: [],
      async handle({ query }) {
        const after = dateCursor(query)
        const rows = await database.read((db) => store.listAccounts(db, query.limit + 1, after))
        return ok(toPage(rows, query, (one) => [one.createDate, one.id], viewAccount))
      },
    }),
    endpoint({
      method: 'get',
      path: '/accounts/{id}',
      summary: 'Read an account and its balance',
      scope: 'read',
      params: z.object({ id: z.string() }),
      answer: { status: 200, description: 'the account', schema: accountJson },
      refusals: ['not_found'],
      async handle({ params: { id } }) {
        const account = (await database.read((db) => store.accountsById(db, [id]))).get(id)
        if (!account) throw new Refused('not_found', `There is no account ${id}.`)
        return ok(viewAccount(account))
      },
    }),
  ]
}

function viewAccount(account: Account) {
  const { id, currency, floor } = account
  const money = (amount: bigint) => formatAmount({ amount, currency })
  return {
    id,
    currency,
    balance: money(balanceOf(account)),
    debits: money(account.debits),
    credits: money(account.credits),
    floor: floor === null ? null : money(floor),
    create_date: toIso(account.createDate),
  }
}

export function viewTransfer(transfer: Transfer) {
  const { id, amount, currency } = transfer
  return {
    id,
    debit_account: transfer.debitAccount,
    credit_account: transfer.creditAccount,
    amount: formatAmount({ amount, currency }),
    currency,
    create_date: toIso(transfer.createDate),
  }
}
