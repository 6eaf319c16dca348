import { loadSettings, settings } from '../src/platform/config/index.ts'
import { createLog, type Log } from '../src/platform/log.ts'
import type { Service } from '../src/platform/service.ts'
import { report } from './report.ts'

/** The log of a program that runs for long: readable for a person, JSON lines otherwise. */
export async function runningLog(): Promise<Log> {
  const { logLevel: level } = loadSettings(settings, process.env)
  return createLog({ level, pretty: Boolean(process.stdout.isTTY), to: 'stdout' })
}

/** A program that another started leaves Ctrl-C, which both hear, to the one that started it. */
const stopSignals: NodeJS.Signals[] = process.send ? ['SIGTERM'] : ['SIGINT', 'SIGTERM']

/** npm passes on a Ctrl-C that the terminal has sent as well: that is one, not a second. */
const sameSignalMs = 1000

/**
 * Runs services until SIGINT or SIGTERM, then stops them in reverse, finishing the work in hand.
 * A second signal, or a stop that takes too long, ends the process at once.
 */
export async function runUntilStopped(
  services: Service[],
  log: Log,
  started: () => void = () => {},
): Promise<void> {
  const told = Promise.withResolvers<string>()
  for (const signal of stopSignals)
    process.on(signal, () => {
      if (performance.now() - toldAt > sameSignalMs) process.exit(130)
      toldAt = Math.min(toldAt, performance.now())
      told.resolve(signal)
    })
  let toldAt = Number.POSITIVE_INFINITY
  const running: Service[] = []
  let begun = false
  try {
    for (const one of services) {
      running.unshift(one)
      await one.start()
    }
    started()
    begun = true
    log.info({ signal: await told.promise }, 'stopping')
  } catch (error) {
    report(error)
  }
  const { shutdownTimeoutMs } = loadSettings(settings, process.env)
  const late = setTimeout(() => {
    log.error('the work in hand was not finished in time')
    process.exit(1)
  }, shutdownTimeoutMs + 2000)
  for (const one of running) await one.stop().catch(report)
  clearTimeout(late)
  if (begun) log.info('stopped')
}
