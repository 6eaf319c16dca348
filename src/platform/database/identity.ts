import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Place, withSource } from './open.ts'

const queries = {
  postgres: `SELECT concat_ws(' ', (SELECT oid FROM pg_database WHERE datname = current_database()),
    pg_postmaster_start_time(), current_setting('port')) AS name`,
  mariadb: `SELECT CONCAT_WS(' ', DATABASE(), @@hostname, @@port, @@datadir) AS name`,
}

/** The same text for the same database, by whatever name or address it is reached. */
export async function identityOf(place: Place): Promise<string> {
  if (place.dialect === 'sqlite') {
    const found = statSync(place.file, { throwIfNoEntry: false, bigint: true })
    return found ? `file ${found.dev} ${found.ino}` : `file ${resolve(place.file)}`
  }
  const query = queries[place.dialect]
  const schema = { tables: [], migrations: [] }
  const [row] = await withSource(place, schema, (source) => source.query(query))
  return `${place.dialect} ${row.name}`
}
