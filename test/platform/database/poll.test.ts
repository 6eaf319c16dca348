import { describe, expect, it } from '@jest/globals'
import { poll } from '../../../src/platform/database/poll.ts'
import { until } from '../../support/until.ts'
import { serviceSuite } from '../service.suite.ts'

const quiet = { intervalMs: 1, ask: async () => false, heard: () => {}, failed: () => {} }

serviceSuite('a poll', async () => poll(quiet))

describe('a poll', () => {
  it('calls back as often as there is something new, and goes on after a failure', async () => {
    const answers = [true, false, new Error('away'), true]
    let heard = 0
    const failures: unknown[] = []
    const asking = poll({
      intervalMs: 1,
      async ask() {
        const answer = answers.shift() ?? false
        if (answer instanceof Error) throw answer
        return answer
      },
      heard: () => {
        heard += 1
      },
      failed: (error) => failures.push(error),
    })
    await asking.start()
    await until('all was asked', () => answers.length === 0)
    await asking.stop()
    expect(heard).toBe(2)
    expect(failures).toEqual([new Error('away')])
  })
})
