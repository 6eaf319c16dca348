import {
  type Along,
  column,
  type Db,
  inOrder,
  list,
  type Reads,
  type Row,
  type Sql,
  sql,
} from '../platform/database/index.ts'
import type { Attempt, Delivery, DeliveryStatus, SmsMessage } from './delivery.ts'
import { attempts, attemptTotals, deliveries, smsMessages } from './schema.ts'

export async function insertDeliveries(db: Db, rows: Delivery[]): Promise<void> {
  await db.insert(deliveries, rows)
}

export async function insertAttempts(db: Db, rows: Attempt[]): Promise<void> {
  await db.insert(attempts, rows)
}

/** Adds to what was counted; there is a row for every method and result. */
export async function addToTotals(db: Db, counted: Omit<Total, 'id'>[]): Promise<void> {
  const rows = counted.map((one) => ({ id: `${one.notifyMethod} ${one.result}`, ...one }))
  await db.add(attemptTotals, { key: 'id', sums: ['count'] }, rows)
}

type Total = Row<typeof attemptTotals>

export async function totals(db: Reads): Promise<Total[]> {
  return db.select(attemptTotals, sql`ORDER BY notify_method, result`)
}

export async function deliveriesById(db: Reads, ids: string[]): Promise<Map<string, Delivery>> {
  const rows = await db.select(deliveries, sql`WHERE id IN ${list(ids)}`)
  return new Map(rows.map((row) => [row.id, row]))
}

/** Of some deliveries, those to a partner. */
export async function idsForAccount(db: Reads, account: string, ids: string[]): Promise<string[]> {
  const own = await db.rows(
    { id: deliveries.shape.id },
    sql`SELECT id FROM deliveries WHERE id IN ${list(ids)} AND account_id = ${account}`,
  )
  return own.map(({ id }) => id)
}

/** When the next delivery is due, or null when none is open; routes that are busy do not count. */
export async function nextDue(db: Reads, busyRoutes: string[] = []): Promise<number | null> {
  const [first] = await firstOpen(db, sql`due_date IS NOT NULL`, busyRoutes, 1)
  if (first || busyRoutes.length === 0) return first?.dueDate ?? null
  const [elsewhere] = await firstsByRoute(db, busyRoutes, 1)
  return elsewhere?.dueDate ?? null
}

/** `roomOn` says how many of a route are wanted at most. */
type Wanted = {
  now: number
  limit: number
  busyRoutes: string[]
  roomOn: (routeId: string) => number
}

/** What is due, longest first; a lease that has ended is due as well. */
export async function due(db: Db, wanted: Wanted): Promise<Delivery[]> {
  const { now, limit, busyRoutes } = wanted
  const isDue = sql`due_date <= ${now}`
  const tail = sql`${isDue} ORDER BY due_date LIMIT ${limit} ${db.held('claim')}`
  if (busyRoutes.length === 0) return db.select(deliveries, sql`WHERE ${tail}`)
  const open = await firstOpen(db, isDue, busyRoutes, headSize)
  const ids = open.map(({ id }) => id)
  const found =
    ids.length === 0 ? [] : await db.select(deliveries, sql`WHERE id IN ${list(ids)} AND ${tail}`)
  return found.length > 0 ? found : dueByLane(db, wanted)
}

/** How far a claim looks over what busy routes have due before it goes by routes. */
const headSize = 256

/**
 * Of the first that are open those elsewhere: mostly enough, and bounded however much busy routes
 * have due.
 */
async function firstOpen(db: Reads, which: Sql, busyRoutes: string[], most: number) {
  const head = sql`SELECT id, route_id, due_date FROM deliveries WHERE ${which}
    ORDER BY due_date LIMIT ${busyRoutes.length === 0 ? most : headSize}`
  return db.rows(
    { id: column.text(40), dueDate: column.time() },
    sql`SELECT id, due_date FROM (${head}) AS head WHERE ${notOn(busyRoutes)}
      ORDER BY due_date LIMIT ${most}`,
  )
}

type First = Pick<Delivery, 'status' | 'routeId'> & { dueDate: number }

/** Routes that are not busy, by what they have due first. Costs a lookup for each route. */
async function firstsByRoute(db: Reads, busyRoutes: string[], limit: number): Promise<First[]> {
  const shape = { routeId: column.text(40), dueDate: column.time() }
  const found: First[] = []
  for (const status of ['pending', 'sending'] as const) {
    const where = { column: 'status', value: status }
    const firsts = db.firstOfEach({ table: deliveries, where, by: 'routeId', first: 'dueDate' })
    const rows = await db.rows(
      shape,
      sql`SELECT route_id, due_date FROM (${firsts}) AS lanes WHERE ${notOn(busyRoutes)}
        ORDER BY due_date LIMIT ${limit}`,
    )
    found.push(...rows.map((row) => ({ ...row, status })))
  }
  return found.toSorted((a, b) => a.dueDate - b.dueDate).slice(0, limit)
}

/** As `due`, route by route: what busy routes have due is not even looked at. */
async function dueByLane(db: Db, wanted: Wanted): Promise<Delivery[]> {
  const { now, limit, busyRoutes, roomOn } = wanted
  const shares: { where: Record<string, string>; most: number }[] = []
  let left = limit
  for (const { status, routeId, dueDate } of await firstsByRoute(db, busyRoutes, limit)) {
    const most = Math.min(left, roomOn(routeId))
    if (dueDate > now || left === 0) break
    if (most > 0) shares.push({ where: { status, routeId }, most })
    left -= most
  }
  const found = await Promise.all(
    shares.map(({ where, most }) => {
      const tail = alongDue(db, { where, below: now + 1, order: 'oldest first', most })
      return db.select(deliveries, sql`${tail} ${db.held('claim')}`)
    }),
  )
  return found.flat()
}

/** Along what is open of a status on a route. */
function alongDue(db: Reads, wanted: Omit<Along, 'next'>): Sql {
  return db.along(deliveries, { ...wanted, next: 'dueDate' })
}

function notOn(routes: string[]): Sql {
  return routes.length === 0 ? sql`1 = 1` : sql`route_id NOT IN ${list(routes)}`
}

/** How many are due, as far as `most`: nobody needs to know a large number exactly. */
export function countDue(db: Reads, now: number, most: number): Promise<number> {
  return countOf(db, sql`WHERE due_date <= ${now} LIMIT ${most}`)
}

export function countIn(db: Reads, status: DeliveryStatus, most: number): Promise<number> {
  return countOf(db, db.along(deliveries, { where: { status }, order: 'oldest first', most }))
}

async function countOf(db: Reads, which: Sql): Promise<number> {
  const [row] = await db.rows(
    { count: column.integer() },
    sql`SELECT COUNT(*) AS count FROM (SELECT 1 FROM deliveries ${which}) AS counted`,
  )
  return row?.count ?? 0
}

type State = Pick<Delivery, 'status' | 'dueDate' | 'claimId' | 'finishDate'>

/** Takes deliveries that the same transaction saw due. */
export async function claimAll(db: Db, ids: string[], claimId: string, leaseEnd: number) {
  await db.send(
    sql`UPDATE deliveries SET status = 'sending', claim_id = ${claimId}, due_date = ${leaseEnd},
      attempts = attempts + 1 WHERE id IN ${list(ids)}`,
  )
}

/** Finds a delivery if it is under this claim. */
export function claimed(id: string, claimId: string): Sql {
  return sql`SELECT 1 AS found FROM deliveries WHERE id = ${id} AND claim_id = ${claimId}`
}

/** Gives several deliveries one state. */
export async function setState(db: Db, ids: string[], state: State): Promise<void> {
  const { status, dueDate, claimId, finishDate } = state
  await db.send(
    sql`UPDATE deliveries SET status = ${status}, due_date = ${dueDate}, claim_id = ${claimId},
      finish_date = ${finishDate} WHERE id IN ${list(ids)}`,
  )
}

/** Those of these routes on which something is to be tried or is being sent. */
export async function underWayOn(db: Reads, routeIds: string[]): Promise<Set<string>> {
  const rows = await db.rows(
    { routeId: column.text(40) },
    sql`SELECT DISTINCT route_id FROM deliveries WHERE status IN ('pending', 'sending')
      AND route_id IN ${list(routeIds)} AND due_date IS NOT NULL`,
  )
  return new Set(rows.map(({ routeId }) => routeId))
}

/**
 * What is to be tried on a route from a due date on, so many at most, which nobody moves on before
 * this unit ends.
 */
export async function holdPending(
  db: Db,
  routeId: string,
  from: number,
  most: number,
): Promise<Delivery[]> {
  const where = { status: 'pending', routeId }
  const tail = alongDue(db, { where, above: from - 1, order: 'oldest first', most })
  return db.select(deliveries, sql`${tail} ${db.held('change')}`)
}

/** Those of these that still wait are to be tried at this time. */
export async function letGo(db: Db, ids: string[], dueDate: number): Promise<void> {
  await db.run(
    sql`UPDATE deliveries SET status = 'pending', due_date = ${dueDate}
      WHERE id IN ${list(ids)} AND status = 'waiting'`,
  )
}

/** Begins counting anew; what went in a digest waits for another. */
export async function resetAttempts(db: Db, ids: string[]): Promise<void> {
  await db.run(
    sql`UPDATE deliveries SET attempts = 0,
      digest_id = CASE WHEN digest_id IS NULL THEN NULL ELSE route_id END
      WHERE id IN ${list(ids)}`,
  )
}

/**
 * What is due of a delivery's digest, in one order at every try; nobody else takes it before this
 * unit ends.
 */
export async function holdDigest(
  db: Db,
  { status, routeId, digestId }: Delivery,
  { now, most }: { now: number; most: number },
): Promise<Delivery[]> {
  const tail = alongDue(db, {
    where: { status, routeId },
    below: now + 1,
    also: [sql`digest_id = ${digestId}`],
    order: 'oldest first',
    most,
  })
  const rows = await db.select(deliveries, sql`${tail} ${db.held('change')}`)
  return inOrder(rows, ({ id }) => id)
}

export async function putInDigest(db: Db, ids: string[], digestId: string): Promise<void> {
  await db.run(sql`UPDATE deliveries SET digest_id = ${digestId} WHERE id IN ${list(ids)}`)
}

export async function ofPayments(db: Reads, paymentIds: string[]): Promise<Delivery[]> {
  return db.select(deliveries, sql`WHERE payment_id IN ${list(paymentIds)} ORDER BY id`)
}

/** All deliveries of payments, which nobody else moves on before this unit ends. */
export async function holdOfPayments(db: Db, paymentIds: string[]): Promise<Delivery[]> {
  return db.select(
    deliveries,
    sql`WHERE payment_id IN ${list(paymentIds)} ORDER BY id ${db.held('change')}`,
  )
}

/** A delivery that nobody else moves on before this unit ends. */
export async function holdDelivery(db: Db, id: string): Promise<Delivery | undefined> {
  const [row] = await db.select(deliveries, sql`WHERE id = ${id} ${db.held('change')}`)
  return row
}

export async function attemptsOf(db: Reads, deliveryIds: string[]): Promise<Attempt[]> {
  return db.select(attempts, sql`WHERE delivery_id IN ${list(deliveryIds)} ORDER BY id`)
}

type Step = { after: string; until: string; most: number }

/**
 * Of the next attempts, those whose deliveries were finished before a time; `last` is where the
 * next step begins, null where there is none.
 */
export async function oldAttempts(
  db: Reads,
  { after, until, most }: Step,
  before: number,
): Promise<{ last: string | null; old: string[] }> {
  const { id, deliveryId } = attempts.shape
  const next = await db.rows(
    { id, deliveryId },
    sql`SELECT id, delivery_id FROM attempts WHERE id > ${after} AND id < ${until}
      ORDER BY id LIMIT ${most}`,
  )
  const finished = await db.rows(
    { id },
    sql`SELECT id FROM deliveries WHERE finish_date < ${before}
      AND id IN ${list([...new Set(next.map((one) => one.deliveryId))])}`,
  )
  const done = new Set(finished.map((one) => one.id))
  const old = next.filter((one) => done.has(one.deliveryId)).map((one) => one.id)
  return { last: next.length < most ? null : (next.at(-1)?.id ?? null), old }
}

/** Removes what is still there of these, unless its delivery was begun anew; how many. */
export async function removeAttempts(db: Db, ids: string[], before: number): Promise<number> {
  if (ids.length === 0) return 0
  return db.run(
    sql`DELETE FROM attempts WHERE id IN ${list(ids)} AND EXISTS (SELECT 1 FROM deliveries
      WHERE deliveries.id = attempts.delivery_id AND deliveries.finish_date < ${before})`,
  )
}

export async function anyOnRoute(db: Reads, routeId: string): Promise<boolean> {
  const one = db.along(deliveries, { where: { routeId }, order: 'oldest first', most: 1 })
  return (await db.select(deliveries, one)).length > 0
}

type Page = { limit: number; after: string | null }

/** Newest first; on these routes only, where they are given: each route has an index of its ids. */
export async function listDeliveries(
  db: Reads,
  { status, routeIds }: { status?: DeliveryStatus | undefined; routeIds?: string[] | undefined },
  page: Page,
): Promise<Delivery[]> {
  const { limit: most, after } = page
  const range = { below: after ?? undefined, order: 'newest first', most } as const
  const pageOf = (routeId?: string) =>
    db.select(deliveries, db.along(deliveries, { where: { routeId, status }, ...range }))
  if (routeIds === undefined) return pageOf()
  const found: Delivery[] = []
  for (const routeId of routeIds) found.push(...(await pageOf(routeId)))
  return found.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, most)
}

type Following = { after: string; until: string; most: number }

/**
 * The next behind an id, oldest first: of a status that few have, or on these routes, or any. What
 * comes may have another status or route too, where another index passes over fewer.
 */
export async function followingDeliveries(
  db: Reads,
  { status, routeIds }: { status?: DeliveryStatus | undefined; routeIds?: string[] | undefined },
  { after, until, most }: Following,
): Promise<Delivery[]> {
  const range = { above: after, below: until, order: 'oldest first', most } as const
  const next = (where: { status?: string | undefined; routeId?: string }) =>
    db.select(deliveries, db.along(deliveries, { where, ...range }))
  const isRare = status !== undefined && status !== 'delivered'
  if (isRare || routeIds === undefined) return next({ status })
  const found: Delivery[] = []
  for (const routeId of routeIds) found.push(...(await next({ routeId })))
  return found.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, most)
}

/** Messages that nobody else changes before the unit ends, in the order in which all hold them. */
export async function holdMessages(db: Db, ids: string[]): Promise<Map<string, SmsMessage>> {
  const rows = await db.select(
    smsMessages,
    sql`WHERE id IN ${list(ids)} ORDER BY id ${db.held('change')}`,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

export async function insertMessages(db: Db, rows: SmsMessage[]): Promise<void> {
  await db.insert(
    smsMessages,
    inOrder(rows, ({ id }) => id),
  )
}

export async function updateMessage(db: Db, message: SmsMessage): Promise<void> {
  const { id, deliveryId, createDate, reportStatus, reportDetail, reportDate } = message
  await db.run(
    sql`UPDATE sms_messages SET delivery_id = ${deliveryId}, create_date = ${createDate},
      report_status = ${reportStatus}, report_detail = ${reportDetail},
      report_date = ${reportDate} WHERE id = ${id}`,
  )
}

/** Removes messages that no delivery of this Giro turned out to have sent. */
export async function deleteStrangeMessages(db: Db, before: number): Promise<void> {
  await db.run(sql`DELETE FROM sms_messages WHERE delivery_id IS NULL AND create_date < ${before}`)
}

/** Oldest first. */
export async function messagesOf(db: Reads, deliveryIds: string[]): Promise<SmsMessage[]> {
  return db.select(
    smsMessages,
    sql`WHERE delivery_id IN ${list(deliveryIds)} ORDER BY create_date, id`,
  )
}
