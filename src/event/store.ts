import { type Db, list, type Reads, sql } from '../platform/database/index.ts'
import type { Event, NewEvent } from './event.ts'
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

/** Whether an event waits for its number. */
export async function anyUnnumbered(db: Reads): Promise<boolean> {
  return (await db.select(events, sql`WHERE seq IS NULL ORDER BY id LIMIT 1`)).length > 0
}
