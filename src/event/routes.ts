import { z } from 'zod'
import type { Database } from '../platform/database/index.ts'
import {
  cursorNumber,
  type Endpoint,
  endpoint,
  numberCursor,
  ok,
  pageQuery,
} from '../platform/http/index.ts'
import { everyones, type Own } from '../platform/own.ts'
import { Refused } from '../platform/problem.ts'
import type { EventType, NumberedEvent } from './event.ts'
import { nextPage } from './follow.ts'
import type { News } from './news.ts'
import { createPlaces } from './places.ts'
import { type Belonging, lastNumber, type Seen } from './store.ts'
import { eventJson, typeJson, viewEvent } from './view.ts'

/** Which events a partner may see: of these types, and whether each is its own. */
export type OwnEvents = {
  types: EventType[]
  belong: (own: string) => Belonging
}

type Deps = { database: Database; news: News; ownEvents: OwnEvents }

const longestWaitSeconds = 60

/** Silence for longer is taken by what stands between for a connection that is dead. */
const beatMs = 15_000
const reconnectMs = 2000
const streamedAtOnce = 100

const wantedQuery = { type: typeJson.optional().describe('only these') }

export function eventEndpoints(deps: Deps): Endpoint[] {
  const takePlace = createPlaces()
  return [listEndpoint(deps, takePlace), streamEndpoint(deps, takePlace)]
}

type TakePlace = ReturnType<typeof createPlaces>

/** What a caller asks for, as far as it is its own. */
function seenBy(own: Own, type: EventType | undefined, { types, belong }: OwnEvents): Seen {
  const asked = type && [type]
  if (own === everyones) return { types: asked }
  return { types: (asked ?? types).filter((one) => types.includes(one)), belong: belong(own) }
}

function listEndpoint({ database, news, ownEvents }: Deps, takePlace: TakePlace): Endpoint {
  const wait = z
    .string()
    .regex(/^\d{1,2}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().max(longestWaitSeconds))
    .default(0)
    .describe('seconds to wait for an event where there is none yet')
    .meta({ override: { type: 'integer', minimum: 0, maximum: longestWaitSeconds, default: 0 } })

  return endpoint({
    method: 'get',
    path: '/events',
    summary: 'List what happened, oldest first, or wait for it',
    scope: 'read',
    forPartners: true,
    query: z.strictObject({ ...pageQuery, ...wantedQuery, wait }),
    answer: {
      status: 200,
      description:
        'a page of events, perhaps empty; `next` is there always, for what is to happen as well',
      schema: z.object({ data: z.array(eventJson), next: z.string() }),
    },
    refusals: [],
    async handle({ query, own, gone }) {
      if (own !== everyones && query.wait > 0) takePlace(own, gone)
      const { events, next } = await nextPage(
        { database, news },
        {
          after: (await startOf(database, { after: query.after })) ?? 0,
          ...seenBy(own, query.type, ownEvents),
          limit: query.limit,
          waitMs: query.wait * 1000,
          until: AbortSignal.any([gone, news.ending]),
        },
      )
      return ok({ data: events.map(viewEvent), next: numberCursor(next) })
    },
  })
}

function streamEndpoint({ database, news, ownEvents }: Deps, takePlace: TakePlace): Endpoint {
  return endpoint({
    method: 'get',
    path: '/events/stream',
    summary: 'Hear what happens, as it happens (server-sent events)',
    scope: 'read',
    forPartners: true,
    query: z.strictObject({ after: pageQuery.after, ...wantedQuery }),
    headers: z.object({
      'last-event-id': z.string().optional().describe('goes before `after`'),
    }),
    answer: {
      status: 200,
      description:
        'a stream without end, from now on or after a cursor: `id` is the cursor, `event` the ' +
        'type, `data` an Event in one line',
      contentType: 'text/event-stream',
      schema: z.string(),
    },
    refusals: [],
    async handle({ query, headers, own, mayStill, gone }) {
      const given = await startOf(database, { ...headers, after: query.after })
      takePlace(own, gone)
      const after = given ?? (await database.read(lastNumber))
      const until = AbortSignal.any([gone, news.ending])
      const seen = seenBy(own, query.type, ownEvents)
      const chunks = serverSent({ database, news }, { after, ...seen, mayStill, until })
      const contentType = 'text/event-stream'
      return { status: 200, stream: { contentType, chunks, until }, headers: unbuffered }
    },
  })
}

const unbuffered = { 'cache-control': 'no-store', 'x-accel-buffering': 'no' }

type Cursors = { 'last-event-id'?: string | undefined; after: string | undefined }

/**
 * A client that comes back says where it was in the header, and its URL is what it was. A cursor
 * beyond the last event is of a log that was lost, as where a backup was put back: who waited there
 * would miss all that happens until then.
 */
async function startOf(database: Database, cursors: Cursors): Promise<number | undefined> {
  const member = cursors['last-event-id'] === undefined ? 'after' : 'last-event-id'
  const cursor = cursors[member]
  if (cursor === undefined) return undefined
  const number = cursorNumber(cursor, member)
  if (number > (await database.read(lastNumber)))
    throw new Refused('invalid', 'The cursor is unknown.', [
      { pointer: `/${member}`, detail: 'is beyond the last event that there is: begin anew' },
    ])
  return number
}

type Asked = Seen & { after: number; mayStill: () => Promise<boolean>; until: AbortSignal }

/**
 * Events as the HTML Living Standard has them in section 9.2.6. The cursor comes first and with
 * each heartbeat too, so that a client which comes back before anything happened misses nothing.
 * It ends with the key that it was asked for with.
 */
async function* serverSent(deps: Omit<Deps, 'ownEvents'>, asked: Asked): AsyncGenerator<string> {
  let { after } = asked
  yield `retry: ${reconnectMs}\nid: ${numberCursor(after)}\n\n`
  while (!asked.until.aborted) {
    const wanted = { ...asked, after, limit: streamedAtOnce, waitMs: beatMs }
    const { events, next } = await nextPage(deps, wanted)
    if (!(await asked.mayStill())) return
    after = next
    yield events.map(serverSentEvent).join('') || `: still here\nid: ${numberCursor(next)}\n\n`
  }
}

function serverSentEvent(event: NumberedEvent): string {
  const { seq, type } = event
  const data = JSON.stringify(viewEvent(event))
  return `id: ${numberCursor(seq)}\nevent: ${type}\ndata: ${data}\n\n`
}
