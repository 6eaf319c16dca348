import { pino } from 'pino'
import type { Log } from '../../src/platform/log.ts'

type Line = Record<string, unknown> & { msg: string }

/** A log that prints nothing and remembers everything. */
export function quietLog(): { log: Log; lines: Line[] } {
  const lines: Line[] = []
  const log = pino({ level: 'trace' }, { write: (line) => lines.push(JSON.parse(line)) })
  return { log, lines }
}
