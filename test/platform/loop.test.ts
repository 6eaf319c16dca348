import { describe, expect, it } from '@jest/globals'
import { looping } from '../../src/platform/loop.ts'
import { until } from '../support/until.ts'
import { serviceSuite } from './service.suite.ts'

const hour = 3_600_000

/** A loop whose first looks end as the test says; after those nothing is to be done. */
function loopOf(...looks: (() => Promise<number>)[]) {
  const seen = { looks: 0, failures: [] as unknown[], listening: false }
  const loop = looping({
    async look() {
      seen.looks += 1
      return (await looks.shift()?.()) ?? hour
    },
    failed: (error) => seen.failures.push(error),
    pauseMs: 0,
    listen() {
      seen.listening = true
      return () => {
        seen.listening = false
      }
    },
  })
  return { loop, seen }
}

serviceSuite('a loop', async () => loopOf().loop)

describe('a loop', () => {
  it('looks again at once while there is more, then rests until it is woken', async () => {
    const more = async () => 0
    const { loop, seen } = loopOf(more, more)
    await loop.start()
    await until('it rests', () => seen.looks === 3)
    loop.wake()
    await until('it was woken', () => seen.looks === 4)
    await loop.stop()
    expect(seen).toEqual({ looks: 4, failures: [], listening: false })
  })

  it('does not lose a call that comes while it looks', async () => {
    const { loop, seen } = loopOf(async () => {
      loop.wake()
      return hour
    })
    await loop.start()
    await until('it looked again', () => seen.looks === 2)
    await loop.stop()
  })

  it('says why a look failed, and goes on after the pause', async () => {
    const wrong = new Error('no')
    const { loop, seen } = loopOf(() => Promise.reject(wrong))
    await loop.start()
    await until('it goes on', () => seen.looks === 2)
    await loop.stop()
    expect(seen.failures).toEqual([wrong])
  })

  it('stops when the look under way is over, and begins no other', async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    const { loop, seen } = loopOf(() => promise)
    await loop.start()
    let isOver = false
    const stopping = loop.stop().then(() => {
      isOver = true
    })
    await until('it listens no more', () => !seen.listening)
    expect(isOver).toBe(false)
    resolve(0)
    await stopping
    expect(seen.looks).toBe(1)
  })
})
