import { describe, expect, it } from '@jest/globals'
import { listener } from '../../../src/platform/database/listener.ts'
import { until } from '../../support/until.ts'
import { serviceSuite } from '../service.suite.ts'

const quiet = { open: async () => async () => {}, begun: () => {}, failed: () => {} }

serviceSuite('a listener', async () => listener(quiet))

describe('a listener', () => {
  it('opens anew after a break, and says each time that it has begun', async () => {
    const breaks: ((error: unknown) => void)[] = []
    let ended = 0
    let begun = 0
    const failures: unknown[] = []
    const listening = listener({
      async open(broken) {
        breaks.push(broken)
        return async () => {
          ended += 1
        }
      },
      begun: () => {
        begun += 1
      },
      failed: (error) => failures.push(error),
    })
    await listening.start()
    await until('it listens', () => begun === 1)
    breaks[0]?.(new Error('cut'))
    await until('it listens again', () => begun === 2)
    await listening.stop()
    expect(failures).toEqual([new Error('cut')])
    expect(ended).toBe(2)
  })
})
