import type { Clock } from '../../src/platform/clock.ts'
import { createIds } from '../../src/platform/id.ts'

/** A clock that stands still until the test moves it, and the identifiers that go with it. */
export function manualClock(now = Date.UTC(2026, 10, 21, 10, 40)) {
  const clock: Clock & { at: number; advance(ms: number): void } = {
    at: now,
    now: () => clock.at,
    advance: (ms) => {
      clock.at += ms
    },
  }
  return { clock, newId: createIds(clock) }
}
