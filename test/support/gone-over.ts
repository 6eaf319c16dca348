import {
  column,
  type Database,
  type Place,
  type Reads,
  sql,
} from '../../src/platform/database/index.ts'

const counted = {
  postgres: sql`SELECT COALESCE(SUM(idx_tup_fetch + seq_tup_read), 0) AS count
    FROM pg_stat_xact_user_tables WHERE relname = 'deliveries'`,
  mariadb: sql`SELECT SUM(variable_value) AS count FROM information_schema.session_status
    WHERE variable_name IN ('HANDLER_READ_KEY', 'HANDLER_READ_NEXT', 'HANDLER_READ_PREV',
      'HANDLER_READ_FIRST', 'HANDLER_READ_LAST', 'HANDLER_READ_RND_NEXT')`,
}

const analyze = { postgres: sql`ANALYZE deliveries`, mariadb: sql`ANALYZE TABLE deliveries` }

/** A server's view of `deliveries`; SQLite counts nothing, and knows nothing by heart. */
export function serverOf({ dialect }: Place) {
  if (dialect === 'sqlite') throw new Error('SQLite counts nothing')
  const soFar = async (db: Reads) => {
    const [row] = await db.rows({ count: column.integer() }, counted[dialect])
    return row?.count ?? Number.NaN
  }
  return {
    /** Lets it look at what there is, so that it takes what comes later for something rare. */
    look: (database: Database) => database.write((db) => db.run(analyze[dialect])),
    /** What is found, and how many rows are gone over for it. */
    async goneOver<T>(db: Reads, ask: () => Promise<T>): Promise<{ found: T; count: number }> {
      const before = await soFar(db)
      const found = await ask()
      return { found, count: (await soFar(db)) - before }
    },
  }
}
