/**
 * What a loop sleeps on. It is set before the loop looks for work, so that a ring that comes while
 * it looks is not lost; `slept` then returns at once.
 */
export type Alarm = {
  set(): void
  ring(): void
  /** Sleeps until it rings or the time is over. */
  slept(ms: number): Promise<void>
}

/** Timers hold no more than 31 bits; looking once an hour costs nothing. */
export const longestSleepMs = 3_600_000

export function createAlarm(): Alarm {
  let rung = Promise.withResolvers<void>()
  return {
    set: () => {
      rung = Promise.withResolvers()
    },
    ring: () => rung.resolve(),
    async slept(ms) {
      if (ms <= 0) return
      const timer = setTimeout(rung.resolve, Math.min(ms, longestSleepMs))
      await rung.promise
      clearTimeout(timer)
    },
  }
}
