import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { looping } from '../platform/loop.ts'
import type { Service } from '../platform/service.ts'
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
  let waits = true
  return looping({
    async look() {
      waits = true
      const line = await database.read(lookAtLine)
      waits = line !== 'empty'
      if (line === 'empty') return Number.POSITIVE_INFINITY
      if (line === 'waiting') return pauseMs
      await database.write((db) => moveUp(db, clock.now()))
      return 0
    },
    failed: (error) => log.error({ err: error }, 'strict routes could not be moved on'),
    pauseMs,
    listen(wake) {
      const numbered = () => {
        if (waits) wake()
      }
      const ends = [database.listen('turns', wake), database.listen('numbers', numbered)]
      return () => {
        for (const end of ends) end()
      }
    },
  })
}
