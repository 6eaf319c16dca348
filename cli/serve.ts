import cluster from 'node:cluster'
import { loadSettings, placeOf, settings } from '../src/platform/config/index.ts'
import type { Log } from '../src/platform/log.ts'
import { UserError } from '../src/platform/problem.ts'
import { answerMeasures, metricsOfAll, tellPrimary } from './cluster-messages.ts'
import { withGiro } from './giro.ts'
import { runningLog, runUntilStopped } from './run.ts'
import { createWorkers } from './workers.ts'

export async function serveAlone(): Promise<void> {
  await withGiro(async (giro) => {
    const { log } = giro
    const api = giro.api()
    await runUntilStopped([api], log, () => log.info({ url: api.url() }, 'listening'))
  }, runningLog())
}

/** Serves with workers that share the port; this process only looks after them. */
export async function serveWithWorkers(processes: number): Promise<void> {
  const place = placeOf(loadSettings(settings, process.env))
  if (place.dialect === 'sqlite')
    throw new UserError('SQLite has one writer at a time: serve it with one process.')
  const log = await runningLog()
  const workers = createWorkers({ shares: sharesOf(place.connections, processes), log })
  await runUntilStopped([workers], log, () => log.info({ url: workers.url() }, 'listening'))
}

/** One of those that share the port, started by the one above. */
export async function serveAsWorker(): Promise<void> {
  obeyOnlyThePrimary()
  try {
    await withGiro(async (giro) => {
      const api = giro.api({ metricsOfAll })
      answerMeasures(api.measure)
      const listening = () => tellPrimary({ say: 'listening', url: api.url() })
      await runUntilStopped([api], giro.log, listening)
    }, workerLog())
  } finally {
    leaveThePrimary()
  }
}

async function workerLog(): Promise<Log> {
  return (await runningLog()).child({ pid: process.pid })
}

/** A unit that writes and a read have a connection each, so a process needs two. */
const leastShare = 2

/** The connections of each process; the first ones get what cannot be shared out evenly. */
export function sharesOf(connections: number, processes: number): number[] {
  const least = Math.floor(connections / processes)
  const needed = leastShare * processes
  if (connections < needed)
    throw new UserError(
      `DATABASE_CONNECTIONS is ${connections}, but ${processes} processes need ${needed}.`,
    )
  return Array.from({ length: processes }, (_, i) => least + (i < connections % processes ? 1 : 0))
}

/**
 * A Ctrl-C reaches the whole group, and the primary passes it on. A primary that is gone is a
 * reason to stop as well, after the work in hand: without the first line Node would exit at once.
 */
function obeyOnlyThePrimary(): void {
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
}

/** The connection to the primary would keep a process alive that has nothing more to do. */
function leaveThePrimary(): void {
  process.removeAllListeners('disconnect')
  if (process.connected) process.disconnect()
}
