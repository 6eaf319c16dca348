import { type Refusal, Refused, UserError } from '../src/platform/problem.ts'

/** Another process has said why; one sentence is enough. */
export class AlreadySaid extends Error {}

/** Says in one sentence why a command failed, and makes it exit with 1. */
export function report(error: unknown): void {
  process.exitCode = 1
  if (!(error instanceof AlreadySaid)) console.error(sentence(error))
}

function sentence(error: unknown): string {
  if (error instanceof UserError) return error.message
  if (error instanceof Refused) return refusal(error.refusal)
  if (isUnreadable(error)) return `The folder or file ${error.path} cannot be used (${error.code}).`
  if (error instanceof Error && process.env.LOG_LEVEL === 'debug') return `${error.stack}`
  const message = error instanceof Error ? error.message : String(error)
  if (isOfSqlite(error))
    return `The database cannot be used (${message}): check DATABASE_URL and who may write there.`
  return `Giro failed: ${message.replace(/\.?$/, '.')}`
}

/** The members that are wrong stand in brackets behind what is wrong with the whole. */
function refusal({ detail, errors = [] }: Refusal): string {
  const more = errors.filter((one) => !detail.includes(one.detail))
  if (more.length === 0) return detail
  const details = more.map((one) => `${one.pointer.slice(1)}: ${one.detail}`)
  return `${detail.replace(/\.$/, '')} (${details.join('; ')}).`
}

function isUnreadable(error: unknown): error is NodeJS.ErrnoException {
  const codes = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EEXIST', 'ENOSPC', 'EISDIR']
  return error instanceof Error && 'path' in error && codes.includes(`${codeOf(error)}`)
}

function isOfSqlite(error: unknown): boolean {
  return `${codeOf(error)}`.startsWith('SQLITE_')
}

/** TypeORM puts the driver's error inside its own. */
function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined
  if ('driverError' in error) return codeOf(error.driverError)
  return 'code' in error ? error.code : undefined
}
