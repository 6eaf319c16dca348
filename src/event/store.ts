import { column, type Db, list, type Reads, type Row, sql } from '../platform/database/index.ts'
import type { Event, EventType, NewEvent, NumberedEvent } from './event.ts'
import { eventBatches, events } from './schema.ts'

/** More are several batches: to read one event of a batch is to read all of them. */
const mostInBatch = 256

/** Writes what happened, in the transaction in which it happened. */
export async function append(db: Db, happened: NewEvent[]): Promise<void> {
  for (let from = 0; from < happened.length; from += mostInBatch)
    await appendBatch(db, happened.slice(from, from + mostInBatch))
  if (happened.length > 0) db.announce('events')
}

/** Where no other unit may be committed before this one, its events have their numbers at once. */
async function appendBatch(db: Db, some: NewEvent[]): Promise<void> {
  const size = some.length
  const batchId = some[0]?.id ?? ''
  const last = db.commitsOverlap ? null : (await lastNumber(db)) + size
  await db.insert(eventBatches, [{ id: batchId, size, last }])
  const rows = some.map((event, i) => ({ ...event, batchId, place: i + 1 }))
  await db.insert(
    events,
    rows.map((row) => ({ ...row, data: JSON.stringify(row.data) })),
  )
}

/** Some of the batches that wait for their numbers, in the order of their ids. */
export async function unnumbered(db: Reads, most: number): Promise<Row<typeof eventBatches>[]> {
  return db.select(eventBatches, sql`WHERE last IS NULL ORDER BY id LIMIT ${most}`)
}

/**
 * Gives numbers to the events of at most so many batches, behind all that have one; how many
 * batches. Two that did this at once would give the same numbers.
 */
export async function number(db: Db, most: number): Promise<number> {
  const batches = await unnumbered(db, most)
  let last = batches.length > 0 ? await lastNumber(db) : 0
  for (const { id, size } of batches) {
    last += size
    await db.send(sql`UPDATE event_batches SET last = ${last} WHERE id = ${id}`)
  }
  return batches.length
}

export async function byIds(db: Reads, ids: string[]): Promise<Map<string, Event>> {
  const rows = await db.select(events, sql`WHERE id IN ${list(ids)}`)
  return new Map(rows.map((row) => [row.id, row as Event]))
}

/** The number of the last event that has one; 0 where there is none. */
export async function lastNumber(db: Reads): Promise<number> {
  const [newest] = await db.rows(
    { last: column.integer() },
    sql`SELECT last FROM event_batches WHERE last IS NOT NULL ORDER BY last DESC LIMIT 1`,
  )
  return newest?.last ?? 0
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
export type Page = { events: NumberedEvent[]; next: number; whole: boolean }

/** A look for some types goes over so many numbers, however few events it finds among them. */
const mostPassed = 5000

/** So many of them at once. */
const step = 500

/** Reads along the numbers. Without gaps, a bound on them is a bound on what is gone over. */
export async function pageAfter(db: Reads, wanted: Wanted): Promise<Page> {
  const { after, types, belong, limit } = wanted
  const last = Math.max(await lastNumber(db), after)
  const end = Math.min(last, after + (types === undefined ? limit : mostPassed))
  const found: NumberedHead[] = []
  let passed = after
  while (found.length < limit && passed < end) {
    const upTo = Math.min(end, passed + step)
    const heads = await headsIn(db, { after: passed, upTo }, types)
    const own = await belong?.(db, heads)
    found.push(...heads.filter(({ id }) => own?.has(id) ?? true))
    passed = upTo
  }
  const page = found.slice(0, limit)
  const next = found.length < limit ? passed : (page.at(-1)?.seq ?? passed)
  return { events: await wholeOf(db, page), next, whole: next === last }
}

/** Numbers behind one and up to another, that one included. */
type Span = { after: number; upTo: number }

type NumberedHead = Head & { seq: number }

const { id, type, subject, batchId, place } = events.shape
const headShape = { id, type, subject, batchId, place }

async function headsIn(db: Reads, { after, upTo }: Span, types?: EventType[]) {
  const batches = await db.select(
    eventBatches,
    sql`WHERE last > ${after} AND last < ${upTo + mostInBatch} AND last - size < ${upTo}`,
  )
  const before = new Map(batches.map(({ id, last, size }) => [id, (last ?? 0) - size]))
  const isWanted = types === undefined ? sql`` : sql`AND type IN ${list(types)}`
  const rows = await db.rows(
    headShape,
    sql`SELECT id, type, subject, batch_id, place FROM events
      WHERE batch_id IN ${list([...before.keys()])} ${isWanted}`,
  )
  return rows
    .map((row): NumberedHead => ({ ...row, seq: (before.get(row.batchId) ?? 0) + row.place }))
    .filter(({ seq }) => seq > after && seq <= upTo)
    .toSorted((a, b) => a.seq - b.seq)
}

async function wholeOf(db: Reads, heads: NumberedHead[]): Promise<NumberedEvent[]> {
  const whole = await byIds(
    db,
    heads.map((head) => head.id),
  )
  return heads.flatMap((head) => {
    const event = whole.get(head.id)
    return event ? [{ ...event, seq: head.seq }] : []
  })
}
