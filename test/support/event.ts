import { append, type EventType, events } from '../../src/event/index.ts'
import type { Database } from '../../src/platform/database/index.ts'

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
    return db.number(events, 10_000)
  })
}
