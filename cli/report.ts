import { Refused, UserError } from '../src/platform/problem.ts'

/** Says in one sentence why a command failed, and makes it exit with 1. */
export function report(error: unknown): void {
  process.exitCode = 1
  console.error(sentence(error))
}

function sentence(error: unknown): string {
  if (error instanceof UserError) return error.message
  if (error instanceof Refused) {
    const errors = error.refusal.errors ?? []
    const details = errors.map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`)
    return [error.message, ...details].join(' ')
  }
  if (isUnreadable(error)) return `The folder or file ${error.path} cannot be used (${error.code}).`
  if (error instanceof Error && process.env.LOG_LEVEL === 'debug') return `${error.stack}`
  return `Giro failed: ${error instanceof Error ? error.message : String(error)}`
}

function isUnreadable(error: unknown): error is NodeJS.ErrnoException {
  const codes = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOSPC', 'EISDIR']
  return error instanceof Error && 'code' in error && codes.includes(`${error.code}`)
}
