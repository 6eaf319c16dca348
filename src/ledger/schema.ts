import { column, table } from '../platform/database/index.ts'

const { money, nullable, text, time } = column

/** `debits` and `credits` only ever grow; the balance is credits less debits. */
export const accounts = table('accounts', {
  columns: {
    id: text(300),
    currency: text(8),
    debits: money(),
    credits: money(),
    floor: nullable(money()),
    createDate: time(),
  },
  primary: ['id'],
  indexes: [{ name: 'ix_accounts_create_date', columns: ['createDate', 'id'] }],
  checks: {
    ck_accounts_sums: 'debits >= 0 AND credits >= 0',
    ck_accounts_floor: 'floor IS NULL OR credits - debits >= floor',
  },
})

/** One row is one movement from one account to another: balanced by construction. */
export const transfers = table('transfers', {
  columns: {
    id: text(40),
    debitAccount: text(300),
    creditAccount: text(300),
    amount: money(),
    currency: text(8),
    link: nullable(text(40)),
    createDate: time(),
  },
  primary: ['id'],
  checks: {
    ck_transfers_amount: 'amount > 0',
    ck_transfers_accounts: 'debit_account <> credit_account',
  },
})
