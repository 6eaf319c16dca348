import type { AsyncLocalStorage } from 'node:async_hooks'
import { invariant } from '../invariant.ts'
import { createSemaphore } from '../semaphore.ts'
import { DatabaseUnavailable } from './failure.ts'

/**
 * Lets so many pieces of work in at a time, in the order of asking. On SQLite that is one: TypeORM
 * hands every caller the same connection, so two overlapping transactions would roll back each
 * other's writes. Elsewhere it is as many as there are connections.
 */
export type Gate = {
  through<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when nothing is left inside; nothing is let in any more. */
  close(): Promise<void>
}

type Options = {
  name: string
  width: number
  inside: AsyncLocalStorage<true>
  /** How long to wait before the gate, where all that are inside may wait for a frozen server. */
  limitMs: number
}

/**
 * Gates that share `inside` refuse to be passed within each other: two units that each hold one
 * gate and wait for the other's would wait for ever.
 */
export function createGate({ name, width, inside, limitMs }: Options): Gate {
  const places = createSemaphore(width)
  let closed = false

  return {
    async through(work) {
      invariant(!inside.getStore(), `${name}: a unit of work must not wait for another inside it`)
      if (closed) throw new Error(`${name}: the database is closed`)
      if (!(await places.acquire(limitMs)))
        throw new DatabaseUnavailable('too many wait for the database, which does not answer')
      try {
        return await inside.run(true, work)
      } finally {
        places.release()
      }
    },
    async close() {
      closed = true
      for (let i = 0; i < width; i += 1) await places.acquire()
    },
  }
}
