import type { Database } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { looping } from '../platform/loop.ts'
import type { Service } from '../platform/service.ts'
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
  return looping({
    look: () => advance({ ...deps, holder }),
    failed: (error) => deps.log.error({ err: error }, 'nothing could be redelivered'),
    pauseMs,
  })
}
