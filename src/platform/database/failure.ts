import { QueryFailedError } from 'typeorm'

/** The database cannot take it now; whoever asked may come again. The cause is for the log. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
}

/** The connection broke or did not answer in time: what was under way may be done, or not. */
export class ConnectionLost extends DatabaseUnavailable {
  override name = 'ConnectionLost'
}

/**
 * Another process was in the way: it holds a lock, wrote since we read, or locks crosswise with us.
 * The whole unit may be repeated. PostgreSQL: serialisation, deadlock, lock timeout. MariaDB: the
 * same, and a row changed since it was read.
 */
const busy =
  /^(SQLITE_BUSY.*|40001|40P01|55P03|ER_LOCK_DEADLOCK|ER_LOCK_WAIT_TIMEOUT|ER_CHECKREAD)$/

/** Another process was quicker with the same key; a unit that is repeated sees what it wrote. */
const taken = /^(23505|ER_DUP_ENTRY)$/

/** A rule of the schema said no. */
const constraint =
  /^(SQLITE_CONSTRAINT.*|23...|ER_DUP_ENTRY|ER_CONSTRAINT_FAILED|ER_BAD_NULL_ERROR)$/

/**
 * The machine is at fault, not what was asked: full or failing disks, files gone or foreign, a
 * server that shuts down, starts up, has no connection left or may only be read.
 */
const unavailable = new RegExp(
  `^(${[
    'SQLITE_(BUSY|FULL|READONLY|IOERR|CORRUPT|NOTADB|CANTOPEN|PERM|LOCKED|PROTOCOL|NOMEM).*',
    '08...|25006|28...|3D000|53...|57P0.|57014|58...|XX00.|55P02',
    'ER_(DISK_FULL|RECORD_FILE_FULL|ERROR_ON_WRITE|OUT_OF_RESOURCES|OUTOFMEMORY|CON_COUNT_ERROR)',
    'ER_(SERVER_SHUTDOWN|NORMAL_SHUTDOWN|CONNECTION_KILLED|LOCK_TABLE_FULL|CANT_LOCK)',
    'ER_(OPTION_PREVENTS_STATEMENT|ACCESS_DENIED_ERROR|DBACCESS_DENIED_ERROR|BAD_DB_ERROR)',
    'ER_(TOO_MANY_USER_CONNECTIONS|STATEMENT_TIMEOUT|QUERY_INTERRUPTED|READ_ONLY_MODE)',
  ].join('|')})$`,
)

export function isBusy(error: unknown): boolean {
  return busy.test(codeOf(error))
}

export function isTaken(error: unknown): boolean {
  return taken.test(codeOf(error))
}

export function isConstraint(error: unknown): boolean {
  return constraint.test(codeOf(error))
}

/** Gives a failure of the machine its own class; every other error stays what it is. */
export function asUnavailable(error: unknown): unknown {
  if (!unavailable.test(codeOf(error))) return error
  const { message } = error as Error
  return new DatabaseUnavailable(`the database cannot be used: ${message}`, { cause: error })
}

/** SQLite's and MariaDB's names, PostgreSQL's SQLSTATE; empty for what no database said. */
export function codeOf(error: unknown): string {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error
  // Not `instanceof Error`: the driver's errors may be of another realm, as they are under Jest.
  const { code } = Object(cause) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}
