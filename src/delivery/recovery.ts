import type { Route } from '../party/index.ts'
import { isStrict } from '../party/index.ts'
import { toIso } from '../platform/clock.ts'

/** A payment comes before its first failure: by a moment, or by a day where it was in a digest. */
const beforeMs = 24 * 3_600_000

/**
 * The commands that bring on a route what was missed since it fails: what was tried in vain, and
 * what came while it was disabled.
 */
export function recoveryCommands(
  route: Pick<Route, 'id' | 'accountId' | 'ordering'>,
  failingSince: number,
): string[] {
  const status = isStrict(route) ? 'parked' : 'failed'
  const tried = `--status ${status} --from ${toIso(failingSince - beforeMs)}`
  return [
    `manage delivery redeliver-all --route ${route.id} ${tried}`,
    `manage route replay ${shellWord(route.accountId)} ${route.id} --from ${toIso(failingSince)}`,
  ]
}

/** Accounts may be any text, and commands are pasted. */
export function shellWord(text: string): string {
  return /^[\w.@:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
