import { describe, expect, it } from '@jest/globals'
import { rounds } from '../../src/platform/rounds.ts'

describe('rounds', () => {
  const keyOf = (item: string) => (item.startsWith('-') ? null : (item[0] ?? null))

  it('gives each repeat of a key a round of its own, in the order of coming', () => {
    expect(rounds(['a1', 'b1', 'a2', 'a3', 'b2'], keyOf)).toEqual([
      ['a1', 'b1'],
      ['a2', 'b2'],
      ['a3'],
    ])
  })

  it('never lets an item without a key wait', () => {
    expect(rounds(['-1', 'a1', '-2', 'a2'], keyOf)).toEqual([['-1', 'a1', '-2'], ['a2']])
  })

  it('makes no round of nothing', () => {
    expect(rounds([], keyOf)).toEqual([])
  })
})
