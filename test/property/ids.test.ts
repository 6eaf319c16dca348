import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createIds, idsFrom, idsReceived, lowerId } from '../../src/platform/id.ts'

/** What a clock may do: go on, stand still, be set back. */
const times = fc.array(fc.integer({ min: 0, max: 2 ** 48 - 1 }), { minLength: 1, maxLength: 200 })

const closeTimes = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 47 }), fc.array(fc.integer({ min: -3, max: 3 })))
  .map(([start, steps]) => [start, ...steps.map((step) => Math.max(0, start + step))])

function idsAt(now: number[]): string[] {
  const left = now.values()
  const newId = createIds({ now: () => left.next().value ?? 0 })
  return now.map(() => newId('pay'))
}

describe('an identifier', () => {
  it('has its prefix and 20 characters that nobody takes for another', () => {
    fc.assert(
      fc.property(times, (now) => {
        for (const id of idsAt(now)) expect(id).toMatch(/^pay_[0-9A-HJKMNP-TV-Z]{20}$/)
      }),
    )
  })

  it('sorts after all that its process made before, even when the clock is set back', () => {
    fc.assert(
      fc.property(fc.oneof(times, closeTimes), (now) => {
        const ids = idsAt(now)
        expect(ids.toSorted()).toEqual(ids)
        expect(new Set(ids).size).toBe(ids.length)
      }),
    )
  })

  it('sorts by time across processes', () => {
    const pair = fc.tuple(fc.nat({ max: 2 ** 47 }), fc.integer({ min: 1, max: 10_000 }))
    fc.assert(
      fc.property(pair, ([early, later]) => {
        const [first] = idsAt([early])
        const [second] = idsAt([early + later])
        expect([second, first].toSorted()).toEqual([first, second])
      }),
    )
  })

  it('is not before the place where its time begins, and before every later one', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 47 }), fc.integer({ min: 1, max: 10_000 }), (time, later) => {
        const [id = ''] = idsAt([time])
        expect([idsFrom('pay', time), id].toSorted()).toEqual([idsFrom('pay', time), id])
        expect(id < idsFrom('pay', time + later)).toBe(true)
      }),
    )
  })

  it('made within seconds of a receipt is between the bounds of every time around it', () => {
    const receipt = fc.tuple(fc.nat({ max: 2 ** 47 }), fc.integer({ min: -9000, max: 9000 }))
    fc.assert(
      fc.property(receipt, ([received, apart]) => {
        const [id = ''] = idsAt([Math.max(0, received + apart)])
        const { least = '', below = '' } = idsReceived('pay', received, received + 1)
        expect([least <= id, id < below]).toEqual([true, true])
      }),
    )
  })

  it('has bounds for times that no id can tell, and none where no time is given', () => {
    expect(idsReceived('pay')).toEqual({ least: undefined, below: undefined })
    expect(idsFrom('pay', -1)).toBe(idsFrom('pay', 0))
    expect(idsFrom('pay', Number.MAX_SAFE_INTEGER)).toBe(idsFrom('pay', 2 ** 48 - 1))
  })

  it('is lower than another or not, and the only one where there is no other', () => {
    expect([lowerId('pay_1', 'pay_2'), lowerId('pay_2', 'pay_1')]).toEqual(['pay_1', 'pay_1'])
    expect([lowerId('pay_1', undefined), lowerId(null, 'pay_2')]).toEqual(['pay_1', 'pay_2'])
    expect(lowerId(null, undefined)).toBeUndefined()
  })

  it('is met by no other process in the same millisecond', () => {
    const ids = Array.from({ length: 100 }, () => idsAt(Array(100).fill(1_795_219_200_000)))
    expect(new Set(ids.flat()).size).toBe(10_000)
  })
})
