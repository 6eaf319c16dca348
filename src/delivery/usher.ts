import { createAlarm } from '../platform/alarm.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { type Service, service } from '../platform/service.ts'
import { lookAtLine, moveUp } from './strict.ts'

type Deps = { database: Database; clock: Clock; log: Log }

/** How long something waits at most after news that nobody heard. */
const pauseMs = 1000

/**
 * Lets deliveries on strict routes go when it is their turn. Each daemon has one; they come one
 * after the other, and whoever is second finds nothing to do. It looks when something stands in
 * line, is done, or is numbered while it waits for that; where nothing waits, it sleeps.
 */
export function createUsher({ database, clock, log }: Deps): Service & { wake(): void } {
  const alarm = createAlarm()
  let waits = true
  let stopping = false
  let loop: Promise<void> = Promise.resolve()
  let unlisten: (() => void)[] = []

  /** How long there is nothing to do, unless the alarm rings. */
  async function look(): Promise<number> {
    waits = true
    const line = await database.read(lookAtLine)
    waits = line !== 'empty'
    if (line === 'empty') return Number.POSITIVE_INFINITY
    if (line === 'waiting') return pauseMs
    await database.write((db) => moveUp(db, clock.now()))
    return 0
  }

  async function run() {
    while (!stopping) {
      alarm.set()
      const restMs = await look().catch((error) => {
        log.error({ err: error }, 'strict routes could not be moved on')
        return pauseMs
      })
      await alarm.slept(restMs)
    }
  }

  const numbered = () => {
    if (waits) alarm.ring()
  }

  const { start, stop } = service({
    async start() {
      unlisten = [database.listen('turns', alarm.ring), database.listen('numbers', numbered)]
      loop = run()
    },
    async stop() {
      for (const end of unlisten) end()
      stopping = true
      alarm.ring()
      await loop
    },
  })
  return { start, stop, wake: alarm.ring }
}
