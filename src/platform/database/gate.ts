import { AsyncLocalStorage } from 'node:async_hooks'
import { invariant } from '../invariant.ts'

/**
 * Lets one piece of work through at a time, in the order of asking. TypeORM hands every caller of
 * SQLite the same connection, so two overlapping transactions would roll back each other's writes.
 */
export type Gate = {
  through<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when nothing is left inside; nothing is let in any more. */
  close(): Promise<void>
}

/**
 * Gates that share `inside` refuse to be passed within each other: two units that each hold one
 * gate and wait for the other's would wait for ever.
 */
export function createGate(name: string, inside = new AsyncLocalStorage<true>()): Gate {
  let last: Promise<unknown> = Promise.resolve()
  let closed = false

  return {
    through(work) {
      invariant(!inside.getStore(), `${name}: a unit of work must not wait for another inside it`)
      if (closed) return Promise.reject(new Error(`${name}: the database is closed`))
      const turn = last.then(() => inside.run(true, work))
      last = turn.catch(() => {})
      return turn
    },
    async close() {
      closed = true
      await last
    },
  }
}
