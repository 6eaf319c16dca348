import { createAlarm, longestSleepMs } from '../platform/alarm.ts'
import type { Database } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { type Service, service } from '../platform/service.ts'
import { lastNumber } from './store.ts'

type Deps = { database: Database; log: Log }

/**
 * Tells those who wait that there are events with higher numbers, whichever process wrote them.
 * Of all that may be news, this looks once for everybody.
 */
export type News = Service & {
  /** Rings as soon as there is more, and goes on until it is told to stop by what it gives back. */
  hear(ring: () => void): () => void
  /** Aborted when this is stopped: then nobody is told any more. */
  ending: AbortSignal
}

/** What neither this process nor the watch has told of is found after this long. */
const netMs = 1000

/** Other processes are watched from the first time that somebody waits. */
export function createNews({ database, log }: Deps): News {
  const ending = new AbortController()
  const alarm = createAlarm()
  const rings = new Set<() => void>()
  const watch = database.watch(alarm.ring, (err) => {
    log.error({ err }, 'the database could not be watched')
  })
  const unlisten = [database.listen('events', alarm.ring), database.listen('numbers', alarm.ring)]
  let last = 0
  let loop: Promise<void> = Promise.resolve()

  async function look() {
    if (rings.size === 0) return
    const found = await database.read(lastNumber)
    if (found > last) for (const ring of rings) ring()
    last = found
  }

  async function run() {
    while (!ending.signal.aborted) {
      alarm.set()
      await look().catch((err) => log.error({ err }, 'events could not be looked for'))
      await alarm.slept(rings.size === 0 ? longestSleepMs : netMs)
    }
  }

  const { start, stop } = service({
    async start() {
      loop = run()
    },
    async stop() {
      ending.abort()
      alarm.ring()
      for (const leave of unlisten) leave()
      await watch.stop()
      await loop
    },
  })
  const hear: News['hear'] = (ring) => {
    rings.add(ring)
    // It refuses only once it was stopped, and then nobody is told any more.
    watch.start().catch(() => {})
    alarm.ring()
    return () => rings.delete(ring)
  }
  return { start, stop, hear, ending: ending.signal }
}
