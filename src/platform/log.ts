import { type Logger, pino } from 'pino'
import type { PrettyOptions } from 'pino-pretty'
import { systemClock, toIso } from './clock.ts'

export type Log = Logger

type Options = { level: string; pretty: boolean; to: 'stdout' | 'stderr' }

/** JSON lines for programs; for a person at the terminal, a time, a sentence and its facts. */
export async function createLog({ level, pretty, to }: Options): Promise<Log> {
  const fd = to === 'stdout' ? 1 : 2
  const options = { level, base: null, timestamp: () => `,"time":"${toIso(systemClock.now())}"` }
  if (!pretty) return pino(options, pino.destination({ fd, sync: true }))
  const { default: prettyStream } = await import('pino-pretty')
  return pino(options, prettyStream({ ...forPeople, destination: fd, sync: true }))
}

const forPeople: PrettyOptions = {
  colorize: true,
  translateTime: 'SYS:HH:MM:ss.l',
  hideObject: true,
  customPrettifiers: {
    level: (_level, _key, _log, { labelColorized }) => labelColorized.padEnd(15),
  },
  messageFormat: (line, messageKey, _label, { colors }) => {
    const { level: _, time: __, [messageKey]: message, err, ...facts } = line
    const shown = Object.entries(facts).map(([name, value]) => `${name}=${oneLine(value)}`)
    const cause = err as { stack?: string } | undefined
    const trace = cause?.stack ? `\n${cause.stack}` : ''
    return `${oneLine(message ?? '').padEnd(20)} ${colors.gray(shown.join('  '))}${trace}`
  },
}

/** What a bank or a partner wrote must not begin a line of the log. */
function oneLine(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(
    /[\p{Cc}\p{Cf}]/gu,
    '·',
  )
}
