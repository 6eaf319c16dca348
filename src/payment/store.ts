import { type Db, inOrder, list, type Reads, type Sql, sql } from '../platform/database/index.ts'
import { idsReceived, lowerId } from '../platform/id.ts'
import { everyones, type Own } from '../platform/own.ts'
import type { Payment, PaymentStatus } from './payment.ts'
import { payments } from './schema.ts'

export async function insertPayments(db: Db, rows: Payment[]): Promise<void> {
  await db.insert(
    payments,
    inOrder(rows, ({ bankTransactionId }) => bankTransactionId ?? ''),
  )
}

export async function paymentsById(db: Reads, ids: string[]): Promise<Map<string, Payment>> {
  const rows = await db.select(payments, sql`WHERE id IN ${list(ids)}`)
  return new Map(rows.map((row) => [row.id, row]))
}

export async function paymentsByTransaction(
  db: Reads,
  bank: string,
  transactionIds: string[],
): Promise<Payment[]> {
  return db.select(
    payments,
    sql`WHERE bank = ${bank} AND bank_transaction_id IN ${list(transactionIds)}`,
  )
}

type Progress = Pick<Payment, 'status' | 'processError' | 'paymentProcessedDate'>

export async function setProgress(db: Db, ids: string[], progress: Progress): Promise<void> {
  const { status, processError, paymentProcessedDate } = progress
  await db.send(
    sql`UPDATE payments SET status = ${status}, process_error = ${processError ? 1 : 0},
      payment_processed_date = ${paymentProcessedDate} WHERE id IN ${list(ids)}`,
  )
}

export async function anyWithReference(db: Reads, referenceNumber: string): Promise<boolean> {
  return isAny(db, { referenceNumber })
}

export async function anyWithAccount(db: Reads, accountNumber: string): Promise<boolean> {
  return isAny(db, { accountNumber })
}

async function isAny(db: Reads, where: Record<string, string>): Promise<boolean> {
  const one = db.along(payments, { where, order: 'oldest first', most: 1 })
  return (await db.select(payments, one)).length > 0
}

/** Of some payments, those for an account. */
export async function idsForAccount(db: Reads, account: string, ids: string[]): Promise<string[]> {
  const own = await db.rows(
    { id: payments.shape.id },
    sql`SELECT id FROM payments WHERE id IN ${list(ids)} AND account_number = ${account}`,
  )
  return own.map(({ id }) => id)
}

type Following = { after: string; until: string; most: number }

/** The next payments of a partner behind an id, oldest first. */
export async function followingPayments(
  db: Reads,
  accountNumber: string,
  { after, until, most }: Following,
): Promise<Payment[]> {
  const where = { accountNumber }
  const range = { above: after, below: until, order: 'oldest first', most } as const
  return db.select(payments, db.along(payments, { where, ...range }))
}

export type PaymentFilter = {
  own: Own
  account_number?: string | undefined
  reference_number?: string | undefined
  status?: PaymentStatus | undefined
  bank?: string | undefined
  from?: number | undefined
  to?: number | undefined
}

/** Newest first. */
export async function listPayments(
  db: Reads,
  filter: PaymentFilter,
  limit: number,
  after: string | null,
): Promise<Payment[]> {
  const { own, account_number: asked, reference_number, status, bank, from, to } = filter
  if (own !== everyones && asked !== undefined && asked !== own) return []
  const { least, below } = idsReceived('pay', from, to)
  const also: Sql[] = []
  if (from !== undefined) also.push(sql`payment_received_date >= ${from}`)
  if (to !== undefined) also.push(sql`payment_received_date < ${to}`)
  const found = db.along(payments, {
    where: {
      referenceNumber: reference_number,
      accountNumber: own === everyones ? asked : own,
      bank,
      status,
    },
    also,
    above: least,
    below: lowerId(after, below),
    order: 'newest first',
    most: limit,
  })
  return db.select(payments, found)
}
