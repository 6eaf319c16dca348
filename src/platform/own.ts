/**
 * Whose data alone a caller may see and change: that of the partner with this account, or
 * everyone's. What reads for a caller takes it, and finds nothing of anybody else.
 */
export type Own = string | null

/** For an operator, and at the command line. */
export const everyones = null satisfies Own

export function isOwn(own: Own, accountId: string | null): boolean {
  return own === everyones || own === accountId
}
