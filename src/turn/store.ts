import { column, type Db, list, type Reads, type Row, sql } from '../platform/database/index.ts'
import { turns } from './schema.ts'

export type Turn = Row<typeof turns>

export async function insertTurns(db: Db, rows: Turn[]): Promise<void> {
  await db.insert(turns, rows)
}

export async function removeTurns(db: Db, deliveryIds: string[]): Promise<void> {
  await db.run(sql`DELETE FROM turns WHERE delivery_id IN ${list(deliveryIds)}`)
}

export async function anyTurn(db: Reads): Promise<boolean> {
  return (await db.select(turns, sql`LIMIT 1`)).length > 0
}

/** Whether anybody waits without a number whose event has one. */
export async function anyNumbered(db: Reads): Promise<boolean> {
  return (await numbered(db, 1)).length > 0
}

/**
 * Some of those without a number whose event has one. A statement that sees a number sees all lower
 * ones, and the turns of their events, which were committed before any of them was given.
 */
export async function numbered(db: Reads, most: number): Promise<string[]> {
  const rows = await db.rows(
    { deliveryId: turns.shape.deliveryId },
    sql`SELECT delivery_id FROM turns JOIN events ON events.id = turns.event_id
      JOIN event_batches ON event_batches.id = events.batch_id
      WHERE turns.seq IS NULL AND event_batches.last IS NOT NULL LIMIT ${most}`,
  )
  return rows.map(({ deliveryId }) => deliveryId)
}

/** Writes down the numbers of their events. */
export async function place(db: Db, deliveryIds: string[]): Promise<void> {
  await db.run(
    sql`UPDATE turns SET seq = (SELECT last - size + place FROM events
        JOIN event_batches ON event_batches.id = events.batch_id
        WHERE events.id = turns.event_id)
      WHERE delivery_id IN ${list(deliveryIds)}`,
  )
}

export type First = { routeId: string; seq: number }

/** Of each route the least number, as far as there is one: a lookup or two, however many wait. */
export async function firsts(db: Reads): Promise<First[]> {
  const least = db.firstOfEach({ table: turns, by: 'routeId', first: 'seq' })
  return db.rows(
    { routeId: column.text(40), seq: column.integer() },
    sql`SELECT route_id, seq FROM (${least}) AS least WHERE seq IS NOT NULL`,
  )
}

/** Who has this number on its route. */
export async function turnAt(db: Reads, { routeId, seq }: First): Promise<Turn | undefined> {
  const [turn] = await db.select(turns, sql`WHERE route_id = ${routeId} AND seq = ${seq}`)
  return turn
}

/** The next of those on a route behind a number, so many at most. */
export async function following(
  db: Reads,
  routeId: string,
  after: number,
  most: number,
): Promise<Turn[]> {
  return db.select(
    turns,
    sql`WHERE route_id = ${routeId} AND seq > ${after} ORDER BY seq LIMIT ${most}`,
  )
}

/** Some of those on a route who have no number yet. */
export async function unnumbered(db: Reads, routeId: string, most: number): Promise<Turn[]> {
  return db.select(turns, sql`WHERE route_id = ${routeId} AND seq IS NULL LIMIT ${most}`)
}
