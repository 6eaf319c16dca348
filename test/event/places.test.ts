import { describe, expect, it } from '@jest/globals'
import { createPlaces } from '../../src/event/places.ts'
import { everyones, type Own } from '../../src/platform/own.ts'
import { Refused } from '../../src/platform/problem.ts'

/** How many of so many who come are let in. */
function letIn(take: ReturnType<typeof createPlaces>, own: Own, count: number): AbortController[] {
  return Array.from({ length: count }, () => new AbortController()).filter(({ signal }) => {
    try {
      take(own, signal)
      return true
    } catch (error) {
      if (error instanceof Refused) return false
      throw error
    }
  })
}

describe('the places of those who listen', () => {
  it('are ten for a partner, fifty for all partners, and a hundred in all', () => {
    const take = createPlaces()
    const partners = ['a', 'b', 'c', 'd', 'e', 'f'].map((own) => letIn(take, own, 12).length)
    expect(partners).toEqual([10, 10, 10, 10, 10, 0])
    expect(letIn(take, everyones, 60)).toHaveLength(50)
  })

  it('are free again for whom others have left', () => {
    const take = createPlaces()
    const [first] = letIn(take, 'a', 10)
    expect(letIn(take, 'a', 1)).toEqual([])
    first?.abort()
    expect(letIn(take, 'a', 2)).toHaveLength(1)
  })
})
