import { createAlarm } from '../platform/alarm.ts'
import type { Database } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { type Service, service } from '../platform/service.ts'
import type { Tools } from '../platform/tools.ts'
import { advance } from './advance.ts'

type Deps = Tools & { database: Database; log: Log; most: number }

const pauseMs = 1000

/**
 * Does what redeliveries ask for, in the daemon. Of all processes, one does this at a time; the
 * others wait for it to fail. New ones are looked for once a second, which costs an empty lookup.
 */
export function createRedeliverer(deps: Deps): Service {
  const holder = deps.newId('clm')
  const alarm = createAlarm()
  let stopping = false
  let loop: Promise<void> = Promise.resolve()

  async function run() {
    while (!stopping) {
      alarm.set()
      const restMs = await advance({ ...deps, holder }).catch((error) => {
        deps.log.error({ err: error }, 'nothing could be redelivered')
        return pauseMs
      })
      await alarm.slept(restMs)
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
