import mysql from 'mysql2/promise'
import type { Engine } from './engine.ts'
import { ConnectionLost } from './failure.ts'
import { mariadbOptions } from './mariadb-options.ts'
import { poll } from './poll.ts'
import { type ServerOptions, shareOut, timeouts } from './server.ts'
import { type Answer, type Session, stepwise } from './session.ts'

/** Asking what is due costs two lookups in an index, so a daemon may do it 20 times a second. */
const pollMs = 50

/**
 * MariaDB through its own driver and not through TypeORM's query runner, which can neither prepare
 * a statement nor drop a broken connection.
 */
export function mariadbEngine({ url, connections }: ServerOptions): Engine {
  const width = shareOut(connections)
  const pools = { write: pool(url, width.write), read: pool(url, width.read) }

  return {
    dialect: 'mariadb',
    width,
    async begin(purpose) {
      const session = mariadbSession(await connected(pools[purpose]))
      for (const text of begins[purpose]) await session.send(text, [])
      return session
    },
    assertThere() {},
    async assertRoom() {},
    async announce() {},
    watch: (heard, failed) => poll({ intervalMs: pollMs, ask: async () => true, heard, failed }),
    async close() {
      await Promise.all(Object.values(pools).map((one) => one.end()))
    },
  }
}

/** READ COMMITTED: the default, REPEATABLE READ, locks gaps between rows that others write into. */
const begins = {
  write: ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED', 'START TRANSACTION'],
  read: [
    'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
  ],
}

/** More prepared statements than the code has, in all their sizes, on one connection. */
const maxPreparedStatements = 1000

function pool(url: string, connectionLimit: number): mysql.Pool {
  const made = mysql.createPool({
    ...mariadbOptions(url),
    connectionLimit,
    maxIdle: connectionLimit,
    maxPreparedStatements,
    connectTimeout: timeouts.connectMs,
  })
  // It goes ahead of the first statement. Where it fails, the connection does too.
  made.pool.on('connection', (connection) => connection.query(settle, () => {}))
  return made
}

/** A lock is waited for, and a transaction may be silent, for so long. */
const settle = `SET SESSION innodb_lock_wait_timeout = ${timeouts.lockMs / 1000},
  idle_transaction_timeout = ${timeouts.idleMs / 1000}`

async function connected(from: mysql.Pool): Promise<mysql.PoolConnection> {
  try {
    return await from.getConnection()
  } catch (error) {
    throw asLost(error)
  }
}

function mariadbSession(connection: mysql.PoolConnection): Session {
  const timeout = timeouts.queryMs
  return stepwise({
    async query(sql, params) {
      try {
        // What begins a transaction cannot be prepared.
        const [result] =
          params.length === 0
            ? await connection.query({ sql, timeout })
            : await connection.execute({ sql, values: params.map(asParameter), timeout })
        return Array.isArray(result)
          ? { rows: result as Answer['rows'], affected: 0 }
          : { rows: [], affected: result.affectedRows }
      } catch (error) {
        throw asLost(error)
      }
    },
    release: (broken) => (broken ? connection.destroy() : connection.release()),
  })
}

/** The driver sends numbers as floats and bigints as text, with which MariaDB reckons in floats. */
function asParameter(value: unknown): mysql.ExecuteValues {
  return typeof value === 'number' || typeof value === 'bigint'
    ? mysql.TypedParameter.BIGINT(value)
    : (value as mysql.ExecuteValues)
}

/** Errors that the server did not send are of the connection. */
function asLost(error: unknown): unknown {
  const { sqlState, fatal, message } = error as {
    sqlState?: string
    fatal?: boolean
    message: string
  }
  if (sqlState !== undefined && !fatal) return error
  return new ConnectionLost(`the database does not answer: ${message}`, { cause: error })
}
