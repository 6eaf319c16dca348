import {
  column,
  type Db,
  list,
  type Reads,
  type RowOf,
  type Sql,
  sql,
} from '../platform/database/index.ts'
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

/** What an event is about, without what is told of it. */
export type Head = Pick<Event, 'id' | 'type' | 'subject'>

/** The ids of those among some events that a reader may see. */
export type Belonging = (db: Reads, heads: Head[]) => Promise<Set<string>>

/** All events, those of some types, or of these those alone that `belong`. */
export type Seen =
  | { types?: EventType[] | undefined; belong?: undefined }
  | { types: EventType[]; belong: Belonging }

/** Events after a number. */
export type Wanted = Seen & { after: number; limit: number }

/** Events in their order; `next` is the number to go on after, `whole` that nothing is left. */
export type Page = { events: Event[]; next: number; whole: boolean }

/** A look for some types goes over so many numbers, however few events it finds among them. */
const mostPassed = 5000

/** Reads along the numbers. Without gaps, a bound on them is a bound on what is gone over. */
export async function pageAfter(db: Reads, wanted: Wanted): Promise<Page> {
  const { after, types, belong, limit } = wanted
  if (types === undefined) {
    const rows = await db.select(events, sql`WHERE seq > ${after} ORDER BY seq LIMIT ${limit}`)
    return { events: rows as Event[], next: lastOf(rows) ?? after, whole: rows.length < limit }
  }
  const last = Math.max(await lastNumber(db), after)
  const upTo = Math.min(last, after + mostPassed)
  const among = sql`seq > ${after} AND seq <= ${upTo} AND type IN ${list(types)} ORDER BY seq`
  const rows =
    belong === undefined
      ? await db.select(events, sql`WHERE ${among} LIMIT ${limit}`)
      : await belongingOf(db, { heads: await headsOf(db, among), belong, limit })
  const next = rows.length < limit ? upTo : (lastOf(rows) ?? upTo)
  return { events: rows as Event[], next, whole: next === last }
}

function headsOf(db: Reads, among: Sql): Promise<RowOf<typeof headShape>[]> {
  return db.rows(headShape, sql`SELECT id, type, subject FROM events WHERE ${among}`)
}

const { id, type, subject } = events.shape
const headShape = { id, type, subject }

/** Whose so many events are is looked up at once. */
const askedAtOnce = 500

type Among = { heads: Head[]; belong: Belonging; limit: number }

/** The first of these that belong, whole. */
async function belongingOf(db: Reads, { heads, belong, limit }: Among) {
  const found: string[] = []
  for (let from = 0; from < heads.length && found.length < limit; from += askedAtOnce) {
    const some = heads.slice(from, from + askedAtOnce)
    const own = await belong(db, some)
    found.push(...some.map((head) => head.id).filter((one) => own.has(one)))
  }
  const ids = found.slice(0, limit)
  return db.select(events, sql`WHERE id IN ${list(ids)} ORDER BY seq`)
}

function lastOf(rows: { seq: number | null }[]): number | undefined {
  return rows.at(-1)?.seq ?? undefined
}

/** Whether an event waits for its number. */
export async function anyUnnumbered(db: Reads): Promise<boolean> {
  return (await db.select(events, sql`WHERE seq IS NULL ORDER BY id LIMIT 1`)).length > 0
}
