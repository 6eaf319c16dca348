import { type Db, list, type Reads, type Sql, sql } from '../platform/database/index.ts'
import type { OldSecret, Partner, Payer, Route } from './party.ts'
import { oldSecrets, partners, payers, routes } from './schema.ts'

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

/**
 * Secrets that were replaced and are good at this time, those last that were replaced first. To be
 * read after the routes: a rotation between the two is then seen twice, and not missed.
 */
export async function oldSecretsOf(
  db: Reads,
  routeIds: string[],
  now: number,
): Promise<OldSecret[]> {
  const good = sql`route_id IN ${list(routeIds)} AND end_date > ${now}`
  return db.select(oldSecrets, sql`WHERE ${good} ORDER BY id DESC`)
}

export async function anyEndedSecret(db: Reads, now: number): Promise<boolean> {
  const ended = await db.select(oldSecrets, sql`WHERE end_date <= ${now} LIMIT 1`)
  return ended.length > 0
}

/** Routes with anything that is encrypted, which nobody changes before the unit ends. */
export async function sealedRoutes(db: Db): Promise<Route[]> {
  const sealed = sql`secret IS NOT NULL OR headers IS NOT NULL OR auth IS NOT NULL
    OR client_certificate IS NOT NULL`
  return db.select(routes, sql`WHERE ${sealed} ORDER BY id ${db.held('change')}`)
}

export async function allOldSecrets(db: Db): Promise<OldSecret[]> {
  return db.select(oldSecrets, sql`WHERE 1 = 1 ORDER BY id ${db.held('change')}`)
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

export async function insertOldSecret(db: Db, secret: OldSecret): Promise<void> {
  await db.insert(oldSecrets, [secret])
}

export async function updatePartner(
  db: Db,
  { accountId, name, contactEmail }: Partner,
): Promise<void> {
  await db.run(
    sql`UPDATE partners SET name = ${name}, contact_email = ${contactEmail}
      WHERE account_id = ${accountId}`,
  )
}

export async function updatePayer(db: Db, { id, name }: Payer): Promise<void> {
  await db.run(sql`UPDATE payers SET name = ${name} WHERE id = ${id}`)
}

export async function updateRoute(db: Db, route: Route): Promise<void> {
  await db.run(
    sql`UPDATE routes SET contact_path = ${route.contactPath}, enabled = ${route.enabled ? 1 : 0},
        headers = ${route.headers}, auth = ${route.auth},
        client_certificate = ${route.clientCertificate}, digest = ${route.digest},
        ordering = ${route.ordering}, policy = ${route.policy}
      WHERE id = ${route.id}`,
  )
}

/** Whether it was enabled, and leads where it led. */
export async function disable(db: Db, { id, contactPath }: Route): Promise<boolean> {
  const met = await db.run(
    sql`UPDATE routes SET enabled = ${0}
      WHERE id = ${id} AND contact_path = ${contactPath} AND enabled = ${1}`,
  )
  return met > 0
}

export async function updateSecret(db: Db, { id, secret, publicKey }: Route): Promise<void> {
  await db.run(
    sql`UPDATE routes SET secret = ${secret}, public_key = ${publicKey} WHERE id = ${id}`,
  )
}

export async function updateSealed(db: Db, route: Route): Promise<void> {
  await db.run(
    sql`UPDATE routes SET secret = ${route.secret}, headers = ${route.headers},
        auth = ${route.auth}, client_certificate = ${route.clientCertificate}
      WHERE id = ${route.id}`,
  )
}

export async function updateOldSecret(db: Db, { id, secret }: OldSecret): Promise<void> {
  await db.run(sql`UPDATE old_secrets SET secret = ${secret} WHERE id = ${id}`)
}

/** No old secret of a route is good for longer than until then. */
export async function endOldSecrets(db: Db, routeId: string, endDate: number): Promise<void> {
  await db.run(
    sql`UPDATE old_secrets SET end_date = ${endDate}
      WHERE route_id = ${routeId} AND end_date > ${endDate}`,
  )
}

export async function deleteEndedSecrets(db: Db, now: number): Promise<number> {
  return db.run(sql`DELETE FROM old_secrets WHERE end_date <= ${now}`)
}

export async function deletePartner(db: Db, accountId: string): Promise<void> {
  await db.run(sql`DELETE FROM partners WHERE account_id = ${accountId}`)
}

export async function deletePayer(db: Db, id: string): Promise<void> {
  await db.run(sql`DELETE FROM payers WHERE id = ${id}`)
}

export async function deleteRoute(db: Db, id: string): Promise<void> {
  await db.run(sql`DELETE FROM old_secrets WHERE route_id = ${id}`)
  await db.run(sql`DELETE FROM routes WHERE id = ${id}`)
}
