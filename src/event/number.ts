import { createAlarm } from '../platform/alarm.ts'
import type { Database } from '../platform/database/index.ts'
import { hold } from '../platform/lease.ts'
import type { Log } from '../platform/log.ts'
import { type Service, service } from '../platform/service.ts'
import type { Tools } from '../platform/tools.ts'
import { events } from './schema.ts'

type Deps = Tools & { database: Database; log: Log }

const batch = 1000
const leaseMs = 5000
const pauseMs = 1000

/**
 * Gives events their place in the order of all events, after they were committed. A number given
 * within a transaction could be committed after a higher one, and whoever reads by number would
 * have gone past it. Of all processes, one does this at a time; the others wait for it to fail.
 */
export function createNumberer(deps: Deps): Service & { wake(): void } {
  const { database, clock, newId, log } = deps
  const holder = newId('clm')
  const alarm = createAlarm()
  let stopping = false
  let loop: Promise<void> = Promise.resolve()
  let unlisten = () => {}

  /** How long there is nothing to do, unless the alarm rings. */
  async function numberSome(): Promise<number> {
    return database.write(async (db) => {
      const claim = { name: 'event numbers' as const, holder, now: clock.now(), leaseMs }
      if (!(await hold(db, claim))) return leaseMs
      return (await db.number(events, batch)) < batch ? leaseMs / 2 : 0
    })
  }

  async function run() {
    while (!stopping) {
      alarm.set()
      const restMs = await numberSome().catch((error) => {
        log.error({ err: error }, 'events could not be numbered')
        return pauseMs
      })
      await alarm.slept(restMs)
    }
  }

  const { start, stop } = service({
    async start() {
      unlisten = database.listen('events', alarm.ring)
      loop = run()
    },
    async stop() {
      unlisten()
      stopping = true
      alarm.ring()
      await loop
    },
  })
  return { start, stop, wake: alarm.ring }
}
