import { createAlarm } from '../platform/alarm.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { type Service, service } from '../platform/service.ts'
import * as store from './store.ts'

type Deps = { database: Database; clock: Clock; log: Log }

const pauseMs = 60_000

/**
 * Removes the secrets whose overlap is over, at most a minute later. Nothing is signed with them
 * by then, whoever is late here.
 */
export function createForgetter({ database, clock, log }: Deps): Service {
  const alarm = createAlarm()
  let stopping = false
  let loop: Promise<void> = Promise.resolve()

  async function forget(): Promise<void> {
    const now = clock.now()
    if (!(await database.read((db) => store.anyEndedSecret(db, now)))) return
    await database.write((db) => store.deleteEndedSecrets(db, now))
  }

  async function run() {
    while (!stopping) {
      alarm.set()
      await forget().catch((error) => log.error({ err: error }, 'old secrets could not be removed'))
      if (!stopping) await alarm.slept(pauseMs)
    }
  }

  return service({
    async start() {
      loop = run()
    },
    async stop() {
      stopping = true
      alarm.ring()
      await loop
    },
  })
}
