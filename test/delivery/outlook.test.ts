import { describe, expect, it } from '@jest/globals'
import { createOutlook } from '../../src/delivery/outlook.ts'
import type { Database } from '../../src/platform/database/index.ts'

/** An outlook on answers that the test gives, one after another. */
function looking(...answers: (number | null)[]) {
  const asked: number[] = []
  const read = async () => {
    asked.push(asked.length)
    return { next: answers[asked.length - 1] ?? Number.POSITIVE_INFINITY, held: [] }
  }
  const { next, ...rest } = createOutlook({ read } as unknown as Database)
  const outlook = {
    ...rest,
    next: async (...at: Parameters<typeof next>) => (await next(...at)).next,
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
    await outlook.next(['a'], 100)
    outlook.claimedUntil(900)
    outlook.claimedUntil(950)
    expect(await outlook.next(['a'], 200)).toBe(900)
    expect(times()).toBe(1)
  })
})
