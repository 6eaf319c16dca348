import { expect } from '@jest/globals'
import Sqlite from 'better-sqlite3'

/** Runs one query on the database file itself, as nobody in Giro would. Integers are bigints. */
export function query(file: string, text: string, ...params: unknown[]): Record<string, unknown>[] {
  const database = new Sqlite(file, { readonly: true, fileMustExist: true })
  try {
    return database
      .defaultSafeIntegers(true)
      .prepare(text)
      .all(...params) as Record<string, unknown>[]
  } finally {
    database.close()
  }
}

/** Changes the database file behind Giro's back. */
export function tamper(file: string, statement: string): void {
  const database = new Sqlite(file, { fileMustExist: true })
  try {
    database.exec(statement)
  } finally {
    database.close()
  }
}

const sumsByCurrency = `
  SELECT currency, SUM(credits - debits) AS sum FROM accounts GROUP BY currency HAVING sum <> 0`

const balancesNotOfTransfers = `
  SELECT id FROM accounts WHERE
    debits <> (SELECT COALESCE(SUM(amount), 0) FROM transfers WHERE debit_account = accounts.id) OR
    credits <> (SELECT COALESCE(SUM(amount), 0) FROM transfers WHERE credit_account = accounts.id)`

const paymentsNotBookedOnce = `
  SELECT id FROM payments WHERE 1 <> (SELECT COUNT(*) FROM transfers
    WHERE transfers.id = payments.transfer_id AND transfers.amount = payments.amount
      AND transfers.currency = payments.currency)`

/** Adds the books up in SQL, without any of Giro's own code. */
export function expectBooksToBalance({ databaseFile }: { databaseFile: string }): void {
  expect({
    sums: query(databaseFile, sumsByCurrency),
    wrong: query(databaseFile, balancesNotOfTransfers),
    unbooked: query(databaseFile, paymentsNotBookedOnce),
  }).toEqual({ sums: [], wrong: [], unbooked: [] })
}
