import { expect, it } from '@jest/globals'
import { createRecent, triesSince } from '../../src/delivery/recent.ts'
import { manualClock } from '../support/manual-clock.ts'

it('what was tried of late is the last minute, of each route its own', () => {
  const { clock } = manualClock()
  const recent = createRecent(clock)
  const sum = () => triesSince(recent.of('a'), 0)
  const middle = clock.now() + 30_000
  for (const delivered of [true, false, false]) {
    recent.add('a', delivered)
    clock.advance(20_000)
  }
  recent.add('b', false)
  expect(sum()).toEqual({ tries: 3, failed: 2 })
  expect(triesSince(recent.of('a'), middle)).toEqual({ tries: 1, failed: 1 })
  recent.add('a', true)
  expect(sum()).toEqual({ tries: 3, failed: 2 })
  clock.advance(60_000)
  recent.add('b', true)
  expect(recent.of('a')).toEqual([])
})
