import { describe, expect, it } from '@jest/globals'
import { createSemaphore } from '../../src/platform/semaphore.ts'
import { turns, watched } from '../support/turns.ts'

describe('a semaphore', () => {
  it('lets so many through, and the next when one has gone, in their order', async () => {
    const semaphore = createSemaphore(2)
    await semaphore.acquire()
    await semaphore.acquire()
    const third = watched(semaphore.acquire())
    const fourth = watched(semaphore.acquire())
    await turns(2)
    expect(third.settled()).toBe(false)
    semaphore.release()
    await turns(2)
    expect([third.settled(), fourth.settled()]).toEqual([true, false])
    semaphore.release()
    await turns(2)
    expect(fourth.settled()).toBe(true)
  })
})
