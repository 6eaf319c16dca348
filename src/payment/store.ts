import {
  type Db,
  inOrder,
  join,
  list,
  type Reads,
  type Sql,
  sql,
} from '../platform/database/index.ts'
import { idsReceived } from '../platform/id.ts'
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
  const where = sql`WHERE reference_number = ${referenceNumber} LIMIT 1`
  return (await db.select(payments, where)).length > 0
}

export async function anyWithAccount(db: Reads, accountNumber: string): Promise<boolean> {
  const where = sql`WHERE account_number = ${accountNumber} LIMIT 1`
  return (await db.select(payments, where)).length > 0
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
  return db.select(
    payments,
    sql`WHERE account_number = ${accountNumber} AND id > ${after} AND id < ${until}
      ORDER BY id LIMIT ${most}`,
  )
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
  const { own, account_number, reference_number, status, bank, from, to } = filter
  const conditions: Sql[] = [sql`1 = 1`]
  if (own !== everyones) conditions.push(sql`account_number = ${own}`)
  if (account_number !== undefined) conditions.push(sql`account_number = ${account_number}`)
  if (reference_number !== undefined) conditions.push(sql`reference_number = ${reference_number}`)
  if (status !== undefined) conditions.push(sql`status = ${status}`)
  if (bank !== undefined) conditions.push(sql`bank = ${bank}`)
  const { least, below } = idsReceived('pay', from, to)
  if (from !== undefined) conditions.push(sql`payment_received_date >= ${from} AND id >= ${least}`)
  if (to !== undefined) conditions.push(sql`payment_received_date < ${to} AND id < ${below}`)
  if (after !== null) conditions.push(sql`id < ${after}`)
  const where = join(conditions, ' AND ')
  return db.select(payments, sql`WHERE ${where} ORDER BY id DESC LIMIT ${limit}`)
}
