/** Lets so many through at once; the others wait in the order in which they came. */
export type Semaphore = {
  /** Resolves with true once it is let through, and with false after waiting for so long. */
  acquire(limitMs?: number): Promise<boolean>
  release(): void
}

export function createSemaphore(places: number): Semaphore {
  const waiting = new Set<(through: boolean) => void>()
  let free = places
  return {
    async acquire(limitMs) {
      if (free > 0) {
        free -= 1
        return true
      }
      const { promise, resolve } = Promise.withResolvers<boolean>()
      waiting.add(resolve)
      if (limitMs === undefined) return promise
      const timer = setTimeout(() => resolve(!waiting.delete(resolve)), limitMs)
      return promise.finally(() => clearTimeout(timer))
    },
    release() {
      const [next] = waiting
      if (!next) free += 1
      else {
        waiting.delete(next)
        next(true)
      }
    },
  }
}
