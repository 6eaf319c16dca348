import { column, type Db, list, type Reads, sql } from '../platform/database/index.ts'
import type { Event, EventType, NewEvent } from './event.ts'
import { events } from './schema.ts'

/** Writes what happened, in the transaction in which it happened. */
export async function append(db: Db, happened: NewEvent[]): Promise<void> {
  await db.insert(
    events,
    happened.map((event) => ({ ...event, data: JSON.stringify(event.data) })),
  )
  if (happened.length > 0) db.announce('events')
}

export async function byIds(db: Reads, ids: string[]): Promise<Map<string, Event>> {
  const rows = await db.select(events, sql`WHERE id IN ${list(ids)}`)
  return new Map(rows.map((row) => [row.id, row as Event]))
}

/** The number of the last event that has one; 0 where there is none. */
export async function lastNumber(db: Reads): Promise<number> {
  const [last] = await db.rows(
    { seq: column.integer() },
    sql`SELECT seq FROM events WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1`,
  )
  return last?.seq ?? 0
}

/** Events after a number, of these types or of all. */
export type Wanted = { after: number; types?: EventType[] | undefined; limit: number }

/** Events in their order; `next` is the number to go on after, `whole` that nothing is left. */
export type Page = { events: Event[]; next: number; whole: boolean }

/** A look for some types goes over so many numbers, however few events it finds among them. */
const mostPassed = 5000

/** Reads along the numbers. Without gaps, a bound on them is a bound on what is gone over. */
export async function pageAfter(db: Reads, { after, types, limit }: Wanted): Promise<Page> {
  if (types === undefined) {
    const rows = await db.select(events, sql`WHERE seq > ${after} ORDER BY seq LIMIT ${limit}`)
    return { events: rows as Event[], next: lastOf(rows) ?? after, whole: rows.length < limit }
  }
  const last = Math.max(await lastNumber(db), after)
  const upTo = Math.min(last, after + mostPassed)
  const rows = await db.select(
    events,
    sql`WHERE seq > ${after} AND seq <= ${upTo} AND type IN ${list(types)}
      ORDER BY seq LIMIT ${limit}`,
  )
  const next = rows.length < limit ? upTo : (lastOf(rows) ?? upTo)
  return { events: rows as Event[], next, whole: next === last }
}

function lastOf(rows: { seq: number | null }[]): number | undefined {
  return rows.at(-1)?.seq ?? undefined
}

/** Whether an event waits for its number. */
export async function anyUnnumbered(db: Reads): Promise<boolean> {
  return (await db.select(events, sql`WHERE seq IS NULL ORDER BY id LIMIT 1`)).length > 0
}
