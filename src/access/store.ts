import { type Db, type Reads, type Row, sql } from '../platform/database/index.ts'
import { apiKeys } from './schema.ts'

export type ApiKey = Row<typeof apiKeys>

export async function insertKey(db: Db, key: ApiKey): Promise<void> {
  await db.insert(apiKeys, [key])
}

export async function validKeyByHash(db: Reads, hash: string): Promise<ApiKey | undefined> {
  const [key] = await db.select(apiKeys, sql`WHERE hash = ${hash} AND revoke_date IS NULL`)
  return key
}

export async function keyById(db: Reads, id: string): Promise<ApiKey | undefined> {
  const [key] = await db.select(apiKeys, sql`WHERE id = ${id}`)
  return key
}

/** The keys of a partner that are good. */
export async function validKeysOf(db: Reads, accountId: string): Promise<ApiKey[]> {
  return db.select(apiKeys, sql`WHERE account_id = ${accountId} AND revoke_date IS NULL`)
}

/** Newest first. */
export async function listKeys(db: Reads): Promise<ApiKey[]> {
  return db.select(apiKeys, sql`ORDER BY id DESC`)
}

export async function revokeKey(db: Db, id: string, time: number): Promise<void> {
  await db.run(
    sql`UPDATE api_keys SET revoke_date = ${time} WHERE id = ${id} AND revoke_date IS NULL`,
  )
}
