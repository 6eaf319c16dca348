import { describe, expect, it } from '@jest/globals'
import { createOutlook } from '../../src/delivery/outlook.ts'
import type { Database } from '../../src/platform/database/index.ts'

/** An outlook on answers that the test gives, one after another. */
function looking(...answers: (number | null)[]) {
  return lookingWhere(Number.POSITIVE_INFINITY, answers)
}

/** As above, where a lane that is held is free again at this time. */
function lookingWhere(firstFree: number, answers: (number | null)[]) {
  const asked: number[] = []
  const read = async () => {
    asked.push(asked.length)
    const none = Number.POSITIVE_INFINITY
    return { next: answers[asked.length - 1] ?? none, held: [], firstFree, isMore: false }
  }
  const { next, claimed, heardNews } = createOutlook({ read } as unknown as Database)
  const outlook = {
    heardNews,
    next: async (...at: Parameters<typeof next>) => (await next(...at)).next,
    /** Finds what is due at this time, and takes it under a lease. */
    claim: async (now: number, came: { until: number; isMore: boolean }) =>
      claimed(await next(['a'], now), came),
  }
  return { outlook, times: () => asked.length }
}

describe('the outlook', () => {
  it('is asked for once, as long as there is no news', async () => {
    const { outlook, times } = looking(500)
    expect([await outlook.next(['a'], 100), await outlook.next(['a'], 499)]).toEqual([500, 500])
    expect(times()).toBe(1)
  })

  it('is asked for again when its time has come', async () => {
    const { outlook } = looking(500, 900)
    await outlook.next(['a'], 100)
    expect(await outlook.next(['a'], 500)).toBe(900)
  })

  it('is asked for again after news, also after news that came while it was asked', async () => {
    const { outlook } = looking(500, 300, 200)
    const asking = outlook.next(['a'], 100)
    outlook.heardNews()
    await asking
    expect(await outlook.next(['a'], 100)).toBe(300)
    outlook.heardNews()
    expect(await outlook.next(['a'], 100)).toBe(200)
  })

  it('is another one when other routes are busy, in whatever order they come', async () => {
    const { outlook, times } = looking(500, null, 700)
    await outlook.next(['a', 'b'], 100)
    expect(await outlook.next(['b', 'a'], 100)).toBe(500)
    expect(await outlook.next(['b'], 100)).toBe(Number.POSITIVE_INFINITY)
    expect(await outlook.next([], 100)).toBe(700)
    expect(times()).toBe(3)
  })

  it('has the end of what was leased meanwhile in it', async () => {
    const { outlook, times } = looking(null)
    await outlook.claim(100, { until: 900, isMore: false })
    await outlook.claim(100, { until: 950, isMore: false })
    expect(await outlook.next(['a'], 200)).toBe(900)
    expect(times()).toBe(1)
  })

  it('is not asked for while claims find as much as they ask for', async () => {
    const { outlook, times } = looking(50, 300)
    await outlook.claim(100, { until: 900, isMore: true })
    expect([await outlook.next(['a'], 100), times()]).toEqual([50, 1])
    await outlook.claim(100, { until: 900, isMore: false })
    expect([await outlook.next(['a'], 100), times()]).toEqual([300, 2])
  })

  it('is asked for all the same when a lane that was held is free again', async () => {
    const { outlook, times } = lookingWhere(150, [50, 60])
    await outlook.claim(100, { until: 900, isMore: true })
    expect([await outlook.next(['a'], 149), times()]).toEqual([50, 1])
    expect([await outlook.next(['a'], 150), times()]).toEqual([60, 2])
  })
})
