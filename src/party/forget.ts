import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { looping } from '../platform/loop.ts'
import type { Service } from '../platform/service.ts'
import * as store from './store.ts'

type Deps = { database: Database; clock: Clock; log: Log }

const pauseMs = 60_000

/**
 * Removes the secrets whose overlap is over, at most a minute later. Nothing is signed with them
 * by then, whoever is late here.
 */
export function createForgetter({ database, clock, log }: Deps): Service {
  return looping({
    async look() {
      const now = clock.now()
      if (await database.read((db) => store.anyEndedSecret(db, now)))
        await database.write((db) => store.deleteEndedSecrets(db, now))
      return pauseMs
    },
    failed: (error) => log.error({ err: error }, 'old secrets could not be removed'),
    pauseMs,
  })
}
