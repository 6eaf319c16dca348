import { sleep } from '../clock.ts'
import type { Log } from '../log.ts'
import { type Service, service } from '../service.ts'
import type { Database } from './database.ts'

/** Half of the 50 ms within which a daemon hears of another process's commit. */
const intervalMs = 20

/** Calls back when another process may have committed. Asking takes microseconds on SQLite. */
export function watchCommits(database: Database, log: Log, heard: () => void): Service {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()

  async function run() {
    let last = 0n
    while (!stopping.signal.aborted) {
      await sleep(intervalMs, stopping.signal)
      try {
        const version = await database.version()
        if (version !== last) heard()
        last = version
      } catch (error) {
        log.error({ err: error }, 'the database could not be watched')
        await sleep(1000, stopping.signal)
      }
    }
  }

  return service({
    async start() {
      loop = run()
    },
    async stop() {
      stopping.abort()
      await loop
    },
  })
}
