import {
  type Db,
  inOrder,
  list,
  type Reads,
  type Shape,
  sql,
  type Table,
} from '../platform/database/index.ts'
import type { Account, Transfer } from './ledger.ts'
import { accounts, transfers } from './schema.ts'

export async function accountsById(db: Reads, ids: string[]): Promise<Map<string, Account>> {
  const rows = await db.select(accounts, sql`WHERE id IN ${list(ids)}`)
  return new Map(rows.map((row) => [row.id, row]))
}

/** Accounts with a floor need their exact balance: nobody else moves them before this unit ends. */
export async function holdAccounts(db: Db, ids: string[]): Promise<Account[]> {
  return db.select(accounts, sql`WHERE id IN ${list(ids)} ORDER BY id ${db.held('change')}`)
}

export async function insertAccounts(db: Db, rows: Account[]): Promise<void> {
  await db.insert(
    accounts,
    inOrder(rows, ({ id }) => id),
  )
}

export async function insertTransfers(db: Db, rows: Transfer[]): Promise<void> {
  await db.insert(transfers, rows)
}

/** Adds to the sums of accounts that exist; the other columns stay as they are. */
export async function addToSums(db: Db, growth: Account[]): Promise<void> {
  await db.add(accounts, { key: 'id', sums: ['debits', 'credits'] }, growth)
}

export async function transfersById(db: Reads, ids: string[]): Promise<Transfer[]> {
  return db.select(transfers, sql`WHERE id IN ${list(ids)} ORDER BY id`)
}

type Cursor = { createDate: number; id: string } | null

/** Newest first. */
export async function listAccounts(db: Reads, limit: number, after: Cursor): Promise<Account[]> {
  const from = after
    ? sql`WHERE (create_date, id) < (${after.createDate}, ${after.id})`
    : sql`WHERE 1 = 1`
  return db.select(accounts, sql`${from} ORDER BY create_date DESC, id DESC LIMIT ${limit}`)
}

export const allAccounts = (db: Reads) => everyRow(db, accounts)
export const allTransfers = (db: Reads) => everyRow(db, transfers)

const pageSize = 5000

/** Every row of a table, in pages, in the order of their ids. */
async function* everyRow<S extends Shape & { id: unknown }>(db: Reads, rows: Table<S>) {
  for (let last = ''; ; ) {
    const page = await db.select(rows, sql`WHERE id > ${last} ORDER BY id LIMIT ${pageSize}`)
    yield* page
    if (page.length < pageSize) return
    last = String(page.at(-1)?.id)
  }
}
