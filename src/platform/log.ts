import { type Logger, pino } from 'pino'
import { systemClock, toIso } from './clock.ts'

export type Log = Logger

type Options = { level: string; pretty: boolean; to: 'stdout' | 'stderr' }

/** JSON lines for programs; for a person at the terminal, a time, a sentence and its facts. */
export async function createLog({ level, pretty, to }: Options): Promise<Log> {
  const fd = to === 'stdout' ? 1 : 2
  const options = { level, base: null, timestamp: () => `,"time":"${toIso(systemClock.now())}"` }
  if (!pretty) return pino(options, pino.destination({ fd, sync: true }))
  const { default: prettyStream } = await import('pino-pretty')
  const stream = prettyStream({
    destination: fd,
    sync: true,
    colorize: true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,name',
    singleLine: true,
  })
  return pino(options, stream)
}
