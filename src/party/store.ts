import { type Db, list, type Reads, type Sql, sql } from '../platform/database/index.ts'
import type { Partner, Payer, Route } from './party.ts'
import { partners, payers, routes } from './schema.ts'

/** `held` says what for, where the rows must stay as they are until the unit ends. */
export async function partnersById(
  db: Reads,
  ids: string[],
  held: Sql = sql``,
): Promise<Map<string, Partner>> {
  const rows = await db.select(partners, sql`WHERE account_id IN ${list(ids)} ${held}`)
  return new Map(rows.map((row) => [row.accountId, row]))
}

export async function payersById(
  db: Reads,
  ids: string[],
  held: Sql = sql``,
): Promise<Map<string, Payer>> {
  const rows = await db.select(payers, sql`WHERE id IN ${list(ids)} ${held}`)
  return new Map(rows.map((row) => [row.id, row]))
}

/** The routes of several partners, oldest first. */
export async function routesOf(
  db: Reads,
  accountIds: string[],
  held: Sql = sql``,
): Promise<Route[]> {
  return db.select(routes, sql`WHERE account_id IN ${list(accountIds)} ORDER BY id ${held}`)
}

export async function routesById(
  db: Reads,
  ids: string[],
  held: Sql = sql``,
): Promise<Map<string, Route>> {
  const rows = await db.select(routes, sql`WHERE id IN ${list(ids)} ${held}`)
  return new Map(rows.map((row) => [row.id, row]))
}

type Cursor = { createDate: number; id: string } | null

/** Newest first. */
export async function listPartners(db: Reads, limit: number, after: Cursor): Promise<Partner[]> {
  const from = after
    ? sql`WHERE (create_date, account_id) < (${after.createDate}, ${after.id})`
    : sql`WHERE 1 = 1`
  const order = sql`ORDER BY create_date DESC, account_id DESC LIMIT ${limit}`
  return db.select(partners, sql`${from} ${order}`)
}

/** Newest first. */
export async function listPayers(db: Reads, limit: number, after: Cursor): Promise<Payer[]> {
  const from = after
    ? sql`WHERE (create_date, id) < (${after.createDate}, ${after.id})`
    : sql`WHERE 1 = 1`
  return db.select(payers, sql`${from} ORDER BY create_date DESC, id DESC LIMIT ${limit}`)
}

export async function insertPartner(db: Db, partner: Partner): Promise<void> {
  await db.insert(partners, [partner])
}

export async function insertPayer(db: Db, payer: Payer): Promise<void> {
  await db.insert(payers, [payer])
}

export async function insertRoute(db: Db, route: Route): Promise<void> {
  await db.insert(routes, [route])
}

export async function updatePartner(db: Db, { accountId, name }: Partner): Promise<void> {
  await db.run(sql`UPDATE partners SET name = ${name} WHERE account_id = ${accountId}`)
}

export async function updatePayer(db: Db, { id, name }: Payer): Promise<void> {
  await db.run(sql`UPDATE payers SET name = ${name} WHERE id = ${id}`)
}

export async function updateRoute(db: Db, route: Route): Promise<void> {
  await db.run(
    sql`UPDATE routes SET contact_path = ${route.contactPath}, enabled = ${route.enabled ? 1 : 0}
      WHERE id = ${route.id}`,
  )
}

export async function deletePartner(db: Db, accountId: string): Promise<void> {
  await db.run(sql`DELETE FROM partners WHERE account_id = ${accountId}`)
}

export async function deletePayer(db: Db, id: string): Promise<void> {
  await db.run(sql`DELETE FROM payers WHERE id = ${id}`)
}

export async function deleteRoute(db: Db, id: string): Promise<void> {
  await db.run(sql`DELETE FROM routes WHERE id = ${id}`)
}
