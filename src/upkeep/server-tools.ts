import type { Place } from '../platform/database/index.ts'

type Server = Exclude<Place, { dialect: 'sqlite' }>

/** How a server's own tools back it up and restore it, with all that is known but the password. */
export function ownTools({ dialect, url }: Server): string {
  const { hostname, port, username, pathname } = new URL(url)
  const host = quoted(hostname.replace(/^\[(.*)\]$/, '$1'))
  const user = quoted(decodeURIComponent(username))
  const name = quoted(decodeURIComponent(pathname.slice(1)))
  if (dialect === 'postgres') {
    const where = `-h ${host} -p ${port || 5432}${user && ` -U ${user}`} -d ${name}`
    return `PostgreSQL is backed up and restored, into an empty database, by its own tools:
  pg_dump -Fc ${where} -f FILE
  pg_restore --no-owner --single-transaction ${where} FILE
They ask for the password. Keep SECRET_KEY apart; it is in no backup.`
  }
  const where = `-h ${host} -P ${port || 3306}${user && ` -u ${user}`} -p ${name}`
  return `MariaDB is backed up and restored, into an empty database, by its own tools:
  mariadb-dump --single-transaction --hex-blob ${where} > FILE
  mariadb ${where} < FILE
They ask for the password. Keep SECRET_KEY apart; it is in no backup.`
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w.:-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
