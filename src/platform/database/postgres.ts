import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { together } from '../service.ts'
import type { Engine } from './engine.ts'
import { ConnectionLost } from './failure.ts'
import { listener } from './listener.ts'
import { poll } from './poll.ts'
import { type ServerOptions, shareOut, timeouts } from './server.ts'
import { pipelined, type Session } from './session.ts'

/** Where processes tell each other of commits. */
const channel = 'giro'

/** What a broken or frozen listener did not hear is found after this long. */
const netMs = 1000

/**
 * PostgreSQL through its own driver and not through TypeORM's query runner, which can neither
 * prepare a statement, nor send one before the last was answered, nor drop a broken connection.
 */
export function postgresEngine({ url, connections }: ServerOptions): Engine {
  const width = shareOut(connections)
  const myself = randomUUID()
  const common = {
    connectionString: url,
    connectionTimeoutMillis: timeouts.connectMs,
    query_timeout: timeouts.queryMs,
    application_name: 'giro',
    keepAlive: true,
    pipeline: true,
  }
  const pools = {
    write: new pg.Pool({ ...common, max: width.write }),
    read: new pg.Pool({ ...common, max: width.read }),
  }
  for (const pool of Object.values(pools)) equip(pool)

  return {
    dialect: 'postgres',
    width,
    async begin(purpose) {
      const session = postgresSession(await connected(pools[purpose]))
      await session.send(begins[purpose], [])
      return session
    },
    assertThere() {},
    async assertRoom() {},
    announce: (session, topics) =>
      session.send(`SELECT pg_notify('${channel}', ?)`, [`${myself} ${[...topics].join()}`]),
    watch: (heard, failed) =>
      together([
        listener({
          open: (ended) => listen(url, notFrom(myself, heard), ended),
          begun: heard,
          failed,
        }),
        poll({ intervalMs: netMs, ask: async () => true, heard, failed }),
      ]),
    async close() {
      await Promise.all(Object.values(pools).map((pool) => pool.end()))
    },
  }
}

const begins = {
  write: 'BEGIN ISOLATION LEVEL READ COMMITTED',
  read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
}

/**
 * A connection that breaks while nobody uses it is not news: the pool makes another. Where a unit
 * uses it, its statements fail; but the pool stops listening for as long as it is lent out, and a
 * break that nobody listens to would end the process.
 */
function equip(pool: pg.Pool): void {
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
    // It goes ahead of the first statement. Where it fails, the connection does too.
    client.query(settle).catch(() => {})
  })
}

/**
 * What is prepared is planned once: arrays of other lengths would be planned anew each time. A plan
 * that was made while a table was small must still do when it has grown, so it goes along an index.
 * Where there is none, the server takes the plan for so dear that it would compile it each time:
 * 6 ms for a look into an empty table.
 */
const settle = `SET lock_timeout = ${timeouts.lockMs};
  SET idle_in_transaction_session_timeout = ${timeouts.idleMs};
  SET plan_cache_mode = force_generic_plan;
  SET enable_seqscan = off;
  SET jit = off`

/** What one says oneself is no news. */
function notFrom(myself: string, heard: () => void): (payload: string) => void {
  return (payload) => {
    if (!payload.startsWith(myself)) heard()
  }
}

async function connected(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw asLost(error)
  }
}

/** Each statement goes out at once: the server works on it while the next one is being made. */
function postgresSession(client: pg.PoolClient): Session {
  return pipelined({
    async query(text, params) {
      try {
        const { rows, rowCount } = await client.query({ ...prepared(text), values: [...params] })
        return { rows, affected: rowCount ?? 0 }
      } catch (error) {
        throw asLost(error)
      }
    },
    release: (broken) => client.release(broken),
  })
}

/**
 * Every error that the server did not send is one of the connection. What it sends has a severity;
 * a code says nothing, since EPIPE might be an SQLSTATE.
 */
function asLost(error: unknown): unknown {
  const { severity, message } = error as { severity?: string; message: string }
  if (severity !== undefined) return error
  return new ConnectionLost(`the database does not answer: ${message}`, { cause: error })
}

type Prepared = { name: string; text: string }

const statements = new Map<string, Prepared>()

/** The same text has the same name on every connection, so each prepares it once. */
function prepared(text: string): Prepared {
  const known = statements.get(text)
  if (known) return known
  let count = 0
  const numbered = text.replaceAll('?', () => {
    count += 1
    return `$${count}`
  })
  const made = { name: `giro${statements.size}`, text: numbered }
  statements.set(text, made)
  return made
}

/** One connection that only listens; resolves with the way to end it. */
async function listen(
  url: string,
  heard: (payload: string) => void,
  ended: (error: unknown) => void,
): Promise<() => Promise<void>> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeouts.connectMs,
    application_name: 'giro listener',
    keepAlive: true,
  })
  client.on('error', ended)
  client.on('end', () => ended(new Error('the connection that listens was closed')))
  client.on('notification', ({ payload }) => heard(payload ?? ''))
  await client.connect()
  await client.query(`LISTEN ${channel}`)
  return () => client.end()
}
