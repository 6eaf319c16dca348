import { describe, expect, it } from '@jest/globals'
import { fromIso, sleep, toIso, toIsoOrNull } from '../../src/platform/clock.ts'

describe('a time', () => {
  it('stands in JSON in UTC with milliseconds', () => {
    const time = Date.UTC(2026, 10, 21, 10, 40, 27, 123)
    expect(toIso(time)).toBe('2026-11-21T10:40:27.123Z')
    expect(fromIso(toIso(time))).toBe(time)
    expect(toIsoOrNull(null)).toBeNull()
    expect(toIsoOrNull(time)).toBe(toIso(time))
  })

  it('of day is midnight in UTC', () => {
    expect(fromIso('2026-11-21')).toBe(Date.UTC(2026, 10, 21))
  })
})

describe('sleeping', () => {
  it('ends early and without an error when it is no longer wanted', async () => {
    const stop = new AbortController()
    const sleeping = sleep(60_000, stop.signal)
    stop.abort()
    await sleeping
    await sleep(60_000, stop.signal)
  })
})
