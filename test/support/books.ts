import { expect } from '@jest/globals'
import type { Place } from '../../src/platform/database/index.ts'
import { query } from './place.ts'

const sumsByCurrency = `
  SELECT currency, SUM(credits - debits) AS sum FROM accounts
    GROUP BY currency HAVING SUM(credits - debits) <> 0`

const balancesNotOfTransfers = `
  SELECT id FROM accounts WHERE
    debits <> (SELECT COALESCE(SUM(amount), 0) FROM transfers WHERE debit_account = accounts.id) OR
    credits <> (SELECT COALESCE(SUM(amount), 0) FROM transfers WHERE credit_account = accounts.id)`

const paymentsNotBookedOnce = `
  SELECT id FROM payments WHERE 1 <> (SELECT COUNT(*) FROM transfers
    WHERE transfers.id = payments.transfer_id AND transfers.amount = payments.amount
      AND transfers.currency = payments.currency)`

/** Adds the books up in SQL, without any of Giro's own code. */
export async function expectBooksToBalance({ place }: { place: Place }): Promise<void> {
  expect({
    sums: await query(place, sumsByCurrency),
    wrong: await query(place, balancesNotOfTransfers),
    unbooked: await query(place, paymentsNotBookedOnce),
  }).toEqual({ sums: [], wrong: [], unbooked: [] })
}
