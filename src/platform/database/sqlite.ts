import { type Stats, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DataSource, type DataSourceOptions, QueryFailedError } from 'typeorm'
import { sleep } from '../clock.ts'
import { createCheckpoints, pagesBeyondHope } from './checkpoints.ts'
import type { Engine } from './engine.ts'
import { entity } from './entity.ts'
import { DatabaseUnavailable, isBusy } from './failure.ts'
import { poll } from './poll.ts'
import type { Schema } from './schema.ts'
import { type Session, stepwise } from './session.ts'

type Connection = {
  pragma(text: string): unknown
  defaultSafeIntegers(on: boolean): unknown
  prepare(text: string): Statement
}

type Statement = {
  reader: boolean
  all(...params: unknown[]): never[]
  run(...params: unknown[]): { changes: number | bigint }
}

/** More statements than the code has, in all their sizes. */
const mostPrepared = 1000

/**
 * While a connection is opened, SQLite itself may wait for another process that creates or
 * recovers the file. Afterwards the gate waits, since SQLite's waiting blocks the event loop.
 */
const openingTimeoutMs = 10_000

/** Half of the 50 ms within which a daemon hears of another process's commit. */
const pollMs = 20

/**
 * The connection that writes. `synchronous=FULL` makes a commit outlive a power cut; the driver's
 * default with a write-ahead log does not.
 */
export function writer(file: string, schema: Schema): DataSource {
  return new DataSource({
    ...common(file, schema),
    enableWAL: true,
    prepareDatabase: (connection: Connection) => {
      connection.defaultSafeIntegers(true)
      connection.pragma('synchronous = FULL')
      connection.pragma('cache_size = -65536')
      connection.pragma('temp_store = MEMORY')
      connection.pragma(`wal_autocheckpoint = ${pagesBeyondHope}`)
    },
  })
}

/** The connection that reads: sees one snapshot at a time and never waits for the writer. */
export function reader(file: string, schema: Schema): DataSource {
  return new DataSource({
    ...common(file, schema),
    readonly: true,
    fileMustExist: true,
    prepareDatabase: (connection: Connection) => {
      connection.defaultSafeIntegers(true)
    },
  })
}

/** For TypeORM itself, which cannot compare tables over the driver's safe integers. */
export function tools(file: string, schema: Schema): DataSource {
  return new DataSource({
    ...common(file, schema),
    enableWAL: true,
    prepareDatabase: (connection: Connection) => {
      connection.pragma('synchronous = FULL')
    },
  })
}

function common(file: string, { tables, migrations }: Schema) {
  return {
    type: 'better-sqlite3' as const,
    database: file,
    timeout: openingTimeoutMs,
    entities: tables.map((table) => entity(table, 'sqlite')),
    migrations: migrations as NonNullable<DataSourceOptions['migrations']>,
    migrationsTransactionMode: 'all' as const,
  }
}

/**
 * Opens a connection. Two processes that turn a new file to its write-ahead log at the same time
 * would wait for each other, so SQLite refuses one at once, which then tries again.
 */
export async function opened(make: () => DataSource, triesLeft = 100): Promise<DataSource> {
  try {
    return await make().initialize()
  } catch (error) {
    if (!isBusy(error) || triesLeft === 0) throw error
    await sleep(50)
    return opened(make, triesLeft - 1)
  }
}

/** One writer and one reader on a file, whatever the number of units that want to work on it. */
export async function sqliteEngine(file: string, schema: Schema): Promise<Engine> {
  const sources = {
    write: await opened(() => writer(file, schema)),
    read: await opened(() => reader(file, schema)),
  }
  const sessions = { write: sqliteSession(sources.write), read: sqliteSession(sources.read) }
  for (const session of Object.values(sessions)) await session.send('PRAGMA busy_timeout = 0', [])
  const assertThere = fileWatch(file)
  assertThere()
  const checkpoints = createCheckpoints(logOf(file, sessions.write))

  return {
    dialect: 'sqlite',
    width: { write: 1, read: 1 },
    async begin(purpose) {
      if (purpose === 'write') {
        assertThere()
        await checkpoints.look()
      }
      const session = sessions[purpose]
      await session.send(begins[purpose], [])
      return session
    },
    assertThere,
    assertRoom: () => assertRoom(dirname(file)),
    async announce() {},
    watch(heard, failed) {
      let last = 0n
      const ask = async () => {
        const { rows } = await sessions.read.query('PRAGMA data_version', [])
        const version = rows[0]?.data_version ?? 0n
        const changed = version !== last
        last = version
        return changed
      }
      return poll({ intervalMs: pollMs, ask, heard, failed })
    },
    async close() {
      await checkpoints.close()
      // The writer goes last: only it can fold the write-ahead log into the file and remove it.
      await sources.read.destroy()
      await sources.write.destroy()
    },
  }
}

/** A deferred transaction fails at its first write when another process wrote since it read. */
const begins = { write: 'BEGIN IMMEDIATE', read: 'BEGIN' }

/**
 * Runs statements on the connection itself, prepared once. TypeORM's own way there, by promises and
 * broadcasts, takes longer than many a statement.
 */
export function sqliteSession(source: DataSource): Session {
  const { databaseConnection } = source.driver as unknown as { databaseConnection: Connection }
  const prepared = new Map<string, Statement>()

  function prepare(text: string): Statement {
    if (prepared.size >= mostPrepared) prepared.clear()
    const statement = databaseConnection.prepare(text)
    prepared.set(text, statement)
    return statement
  }

  const query: Session['query'] = async (text, params) => {
    try {
      const statement = prepared.get(text) ?? prepare(text)
      if (statement.reader) return { rows: statement.all(...params), affected: 0 }
      return { rows: [], affected: Number(statement.run(...params).changes) }
    } catch (error) {
      throw new QueryFailedError(text, [...params], error as Error)
    }
  }
  return stepwise({ query, release() {} })
}

/** The log as its writer has it. A copy that fails leaves it as it is, for the next one. */
function logOf(file: string, { query }: Session) {
  return {
    file,
    async pages(): Promise<number> {
      const { rows } = await query('PRAGMA wal_checkpoint(NOOP)', [])
      return Number(rows[0]?.log)
    },
    copy: () =>
      query('PRAGMA wal_checkpoint(PASSIVE)', []).then(
        () => {},
        () => {},
      ),
  }
}

/** The longest notice, in the log and in the file. */
const leastFreeBytes = 2 * 1024 * 1024

/**
 * A disk that is too full for a notice may still take what is written to see whether it does, as
 * the log is written anew from its beginning.
 */
async function assertRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free < leastFreeBytes) throw new DatabaseUnavailable(`${folder} has ${free} bytes left`)
}

/**
 * Remembers which files were opened. SQLite would go on writing into a file that was moved away,
 * removed or replaced, and what it acknowledged would be gone; so each unit asks, at its beginning
 * and before it commits. The log is made with the first write, and is as much the database.
 */
function fileWatch(file: string): () => void {
  const known = new Map<string, Stats>()
  return () => {
    for (const path of [file, `${file}-wal`]) {
      const before = known.get(path)
      const now = statSync(path, { throwIfNoEntry: false })
      if (before && (now?.ino !== before.ino || now.dev !== before.dev))
        throw new DatabaseUnavailable(`the file ${path} was moved away or replaced; restart Giro`)
      if (!before && now) known.set(path, now)
    }
  }
}
