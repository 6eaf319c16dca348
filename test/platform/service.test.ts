import { describe, expect, it } from '@jest/globals'
import { service } from '../../src/platform/service.ts'
import { turns, watched } from '../support/turns.ts'
import { serviceSuite } from './service.suite.ts'

serviceSuite('a pair of plain functions', async () =>
  service({ start: async () => {}, stop: async () => {} }),
)

describe('a service', () => {
  function counted({ start = async () => {}, stop = async () => {} } = {}) {
    const calls: string[] = []
    const one = service({
      start: () => {
        calls.push('start')
        return start()
      },
      stop: () => {
        calls.push('stop')
        return stop()
      },
    })
    return { one, calls }
  }

  it('starts and stops its part once, however often it is told', async () => {
    const { one, calls } = counted()
    await Promise.all([one.start(), one.start()])
    await one.start()
    await Promise.all([one.stop(), one.stop()])
    await one.stop()
    expect(calls).toEqual(['start', 'stop'])
  })

  it('has nothing to stop when it never started', async () => {
    const { one, calls } = counted()
    await one.stop()
    expect(calls).toEqual([])
  })

  it('stops only after its start is done', async () => {
    const starting = Promise.withResolvers<void>()
    const { one, calls } = counted({ start: () => starting.promise })
    const started = one.start()
    const stopped = watched(one.stop())
    await turns(5)
    expect(calls).toEqual(['start'])
    starting.resolve()
    await Promise.all([started, stopped.promise])
    expect(calls).toEqual(['start', 'stop'])
  })

  it('resolves its stop when the work in hand is done', async () => {
    const working = Promise.withResolvers<void>()
    const { one } = counted({ stop: () => working.promise })
    await one.start()
    const stopped = [watched(one.stop()), watched(one.stop())]
    await turns(5)
    expect(stopped.map((each) => each.settled())).toEqual([false, false])
    working.resolve()
    await Promise.all(stopped.map(({ promise }) => promise))
  })

  it('can be stopped after its start has failed, so that what it opened is released', async () => {
    const { one, calls } = counted({ start: () => Promise.reject(new Error('port taken')) })
    await expect(one.start()).rejects.toThrow('port taken')
    await one.stop()
    expect(calls).toEqual(['start', 'stop'])
  })
})
