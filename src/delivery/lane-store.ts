import { column, type Db, list, type Reads, type Sql, sql } from '../platform/database/index.ts'
import type { Lane } from './breaker.ts'
import { lanes } from './schema.ts'

/** In the order of their routes, in which they are held as well. */
export async function lanesById(
  db: Reads,
  routeIds: string[],
  held: Sql = sql``,
): Promise<Map<string, Lane>> {
  const rows = await db.select(
    lanes,
    sql`WHERE route_id IN ${list(routeIds)} ORDER BY route_id ${held}`,
  )
  return new Map(rows.map((row) => [row.routeId, row]))
}

/** Lanes on which nothing may be sent at this time, and when that ends. */
export async function heldLanes(
  db: Reads,
  now: number,
): Promise<{ routeId: string; freeDate: number }[]> {
  return db.rows(
    { routeId: column.text(40), freeDate: column.time() },
    sql`SELECT route_id, held_until AS free_date FROM lanes WHERE held_until > ${now}
      UNION ALL SELECT route_id, next_token FROM lanes WHERE next_token > ${now}`,
  )
}

/** Writes what became of lanes, of which these are held as they were; the others have no row. */
export async function saveLanes(db: Db, rows: Lane[], held: Map<string, Lane>): Promise<void> {
  await db.insert(
    lanes,
    rows.filter(({ routeId }) => !held.has(routeId)),
  )
  for (const row of rows) {
    const before = held.get(row.routeId)
    if (before && !isSame(row, before)) await updateLane(db, row)
  }
}

function isSame(one: Lane, other: Lane): boolean {
  return Object.entries(one).every(([name, value]) => other[name as keyof Lane] === value)
}

export async function updateLane(db: Db, lane: Lane): Promise<void> {
  const { state, heldUntil, probe, failures, pauses, openings, failingSince } = lane
  await db.run(
    sql`UPDATE lanes SET state = ${state}, held_until = ${heldUntil}, probe = ${probe},
        failures = ${failures}, pauses = ${pauses}, openings = ${openings},
        failing_since = ${failingSince}, warned = ${lane.warned},
        counted_from = ${lane.countedFrom}, reason = ${lane.reason},
        spent_until = ${lane.spentUntil}, next_token = ${lane.nextToken}
      WHERE route_id = ${lane.routeId}`,
  )
}

export async function deleteLane(db: Db, routeId: string): Promise<void> {
  await db.run(sql`DELETE FROM lanes WHERE route_id = ${routeId}`)
}

/** How many lanes are open, and how often one opened. */
export async function countLanes(db: Reads): Promise<{ open: number; openings: number }> {
  const [row] = await db.rows(
    { open: column.integer(), openings: column.integer() },
    sql`SELECT COALESCE(SUM(CASE WHEN state = 'closed' THEN 0 ELSE 1 END), 0) AS open,
      COALESCE(SUM(openings), 0) AS openings FROM lanes`,
  )
  return row ?? { open: 0, openings: 0 }
}
