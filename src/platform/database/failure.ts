import { QueryFailedError } from 'typeorm'

/** The database cannot take it now; whoever asked may come again. The cause is for the log. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
}

/** Another process holds the write lock, or wrote since we read: the whole unit may be repeated. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY')
}

/** A rule of the schema said no. */
export function isConstraint(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_CONSTRAINT')
}

/** The machine is at fault, not what was asked: full or failing disks, files gone or foreign. */
const unavailable =
  /^SQLITE_(BUSY|FULL|READONLY|IOERR|CORRUPT|NOTADB|CANTOPEN|PERM|LOCKED|PROTOCOL|NOMEM)/

/** Gives a failure of the machine its own class; every other error stays what it is. */
export function asUnavailable(error: unknown): unknown {
  if (!unavailable.test(codeOf(error))) return error
  const { message } = error as Error
  return new DatabaseUnavailable(`the database cannot be used: ${message}`, { cause: error })
}

function codeOf(error: unknown): string {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error
  // Not `instanceof Error`: the driver's errors may be of another realm, as they are under Jest.
  const { code } = Object(cause) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}
