import { describe, expect, it } from '@jest/globals'
import { retryAfterMs } from '../../../src/delivery/channels/retry-after.ts'

const now = Date.UTC(2026, 10, 21, 10, 40)

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7000],
    ['999999999', 999_999_999_000],
    ['Sat, 21 Nov 2026 10:41:00 GMT', 60_000],
    ['Saturday, 21-Nov-26 10:41:00 GMT', 60_000],
    ['Sat Nov 21 10:41:00 2026', 60_000],
    ['Sat, 21 Nov 2026 10:39:00 GMT', 0],
  ])('of "%s" is %d ms from now', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms)
  })

  it.each([
    [undefined],
    [''],
    ['soon'],
    ['-5'],
    ['1.5'],
    ['1e3'],
    ['2026-11-21'],
    ['9'.repeat(30)],
  ])('of "%s" says nothing', (header) => {
    expect(retryAfterMs(header, now)).toBeNull()
  })

  it('is the first where there are two', () => {
    expect(retryAfterMs(['3', '9'], now)).toBe(3000)
  })
})
