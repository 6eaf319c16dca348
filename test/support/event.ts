import { append, type EventType } from '../../src/event/index.ts'
import { lastNumber, number, pageAfter } from '../../src/event/store.ts'
import type { Database, Place } from '../../src/platform/database/index.ts'
import { query } from './place.ts'
import { until } from './until.ts'

/** Writes events of a type under these ids, as one unit. */
export function happen(
  database: Database,
  ids: string[],
  type: EventType = 'payer.created',
  data: Record<string, unknown> = {},
) {
  const happened = ids.map((id) => ({ id, type, subject: 'p', time: 0, data }))
  return database.write((db) => append(db, happened))
}

/** Gives numbers to all events, as the daemon does; on SQLite they have theirs already. */
export function numberThem(database: Database): Promise<number> {
  return database.write(async (db) => {
    db.announce('numbers')
    return number(db, 10_000)
  })
}

/** All events that have numbers, in their order. */
export function numberedEvents(database: Database) {
  return database.read(async (db) => {
    const { events } = await pageAfter(db, { after: 0, limit: await lastNumber(db) })
    return events
  })
}

/** What to read the same from beside Giro; `seq` is the number. */
export const numbered = `(SELECT events.*, last - size + place AS seq FROM events
  JOIN event_batches ON event_batches.id = batch_id WHERE last IS NOT NULL) AS numbered`

/** Waits until every event has its number: before that, no reader is shown it. */
export const allNumbered = (place: Place) =>
  until('every event is numbered', async () => {
    const left = await query(place, 'SELECT 1 FROM event_batches WHERE last IS NULL LIMIT 1')
    return left.length === 0
  })
