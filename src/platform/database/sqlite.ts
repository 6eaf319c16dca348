import { type Stats, statSync } from 'node:fs'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { DatabaseUnavailable } from './failure.ts'
import type { Table } from './table.ts'

type Connection = {
  pragma(text: string): unknown
  defaultSafeIntegers(on: boolean): unknown
}

type Schema = { tables: Table[]; migrations: NonNullable<DataSourceOptions['migrations']> }

/** More statements than the code has, in all their sizes. */
const statementCacheSize = 1000

/**
 * Pages of 4 KiB after which the log is copied into the database. Hot pages are copied once for
 * many commits: eight times the default takes a quarter off the whole cost of a notice.
 */
const checkpointPages = 8000

/**
 * While a connection is opened, SQLite itself may wait for another process that creates or
 * recovers the file. Afterwards the gate waits, since SQLite's waiting blocks the event loop.
 */
const openingTimeoutMs = 10_000

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
      connection.pragma(`wal_autocheckpoint = ${checkpointPages}`)
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

function common(file: string, { tables, migrations }: Schema) {
  return {
    type: 'better-sqlite3' as const,
    database: file,
    timeout: openingTimeoutMs,
    statementCacheSize,
    entities: tables.map((table) => table.entity),
    migrations,
    migrationsTransactionMode: 'all' as const,
  }
}

/**
 * Remembers which files were opened. SQLite would go on writing into a file that was moved away,
 * removed or replaced, and what it acknowledged would be gone; so each unit asks, at its beginning
 * and before it commits. The log is made with the first write, and is as much the database.
 */
export function fileWatch(file: string): () => void {
  const opened = new Map<string, Stats>()
  return () => {
    for (const path of [file, `${file}-wal`]) {
      const before = opened.get(path)
      const now = statSync(path, { throwIfNoEntry: false })
      if (before && (now?.ino !== before.ino || now.dev !== before.dev))
        throw new DatabaseUnavailable(`the file ${path} was moved away or replaced; restart Giro`)
      if (!before && now) opened.set(path, now)
    }
  }
}
