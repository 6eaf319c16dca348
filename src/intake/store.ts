import { type Db, inOrder, list, type Reads, type Row, sql } from '../platform/database/index.ts'
import { idempotencyKeys } from './schema.ts'

export type Remembered = Row<typeof idempotencyKeys>

export async function insertRemembered(db: Db, rows: Remembered[]): Promise<void> {
  await db.insert(
    idempotencyKeys,
    inOrder(rows, ({ idempotencyKey }) => idempotencyKey),
  )
}

export async function remembered(db: Reads, bank: string, keys: string[]): Promise<Remembered[]> {
  return db.select(idempotencyKeys, sql`WHERE bank = ${bank} AND idempotency_key IN ${list(keys)}`)
}
