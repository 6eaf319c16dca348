import Database from 'better-sqlite3'
import mysql from 'mysql2/promise'
import pg from 'pg'

export type Row = Record<string, unknown>

/** One connection of the benchmark's own. Parameters stand as `?`; statements are prepared once. */
export type Session = { query(text: string, params?: unknown[]): Promise<Row[]> }

/** The database from beside Giro, through nothing but its driver. */
export type Beside = {
  /** Works on one connection, alone. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Opens what DATABASE_URL names. SQLite has one connection, whatever the number. */
export async function openBeside(url: string, connections = 1): Promise<Beside> {
  if (url.startsWith('sqlite:')) return besideSqlite(url.slice('sqlite:'.length))
  return url.startsWith('postgres:')
    ? besidePostgres(url, connections)
    : besideMariadb(url, connections)
}

function besideSqlite(file: string): Beside {
  const db = new Database(file, { timeout: 10_000 })
  db.pragma('synchronous = FULL')
  const statements = new Map<string, Database.Statement>()
  const session: Session = {
    async query(text, params = []) {
      const statement = statements.get(text) ?? db.prepare(text)
      statements.set(text, statement)
      if (statement.reader) return statement.all(...params) as Row[]
      statement.run(...params)
      return []
    },
  }
  return {
    session: (work) => work(session),
    async close() {
      db.close()
    },
  }
}

function besidePostgres(connectionString: string, max: number): Beside {
  const pool = new pg.Pool({ connectionString, max, application_name: 'giro bench' })
  const names = new Map<string, { name: string; text: string }>()

  function prepared(text: string) {
    const known = names.get(text)
    if (known) return known
    let count = 0
    const numbered = text.replaceAll('?', () => {
      count += 1
      return `$${count}`
    })
    const made = { name: `bench${names.size}`, text: numbered }
    names.set(text, made)
    return made
  }

  return {
    async session(work) {
      const client = await pool.connect()
      const query: Session['query'] = async (text, values = []) =>
        (await client.query({ ...prepared(text), values })).rows
      try {
        return await work({ query })
      } finally {
        client.release()
      }
    },
    close: () => pool.end(),
  }
}

function besideMariadb(uri: string, connectionLimit: number): Beside {
  const pool = mysql.createPool({ uri, connectionLimit })
  return {
    async session(work) {
      const connection = await pool.getConnection()
      // What changes databases or transactions cannot be prepared.
      const query: Session['query'] = async (text, params) => {
        const [answer] = params
          ? await connection.execute(text, params as mysql.ExecuteValues)
          : await connection.query(text)
        return Array.isArray(answer) ? (answer as Row[]) : []
      }
      try {
        return await work({ query })
      } finally {
        connection.release()
      }
    },
    close: () => pool.end(),
  }
}
