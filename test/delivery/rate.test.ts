import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { spend, type Tokens } from '../../src/delivery/rate.ts'

const start = Date.UTC(2026, 10, 21)
const unspent: Tokens = { spentUntil: null, nextToken: null }

describe('a rate', () => {
  it('gives a burst at once, and then one after each gap, decimals included', () => {
    const rate = { perSecond: 0.5, burst: 2 }
    const first = spend(rate, unspent, { now: start, wanted: 5 })
    expect(first).toMatchObject({ taken: 2, nextToken: start + 2000 })
    expect(spend(rate, first, { now: start + 1999, wanted: 1 }).taken).toBe(0)
    expect(spend(rate, first, { now: start + 2000, wanted: 5 }).taken).toBe(1)
    expect(spend(rate, first, { now: start + 60_000, wanted: 5 }).taken).toBe(2)
  })

  it('lets no more through than it says, and whoever comes at the next token finds it', () => {
    const rates = fc.record({
      perSecond: fc.integer({ min: 1, max: 1_000_000 }).map((milli) => milli / 1000),
      burst: fc.integer({ min: 1, max: 50 }),
    })
    const asks = fc.array(fc.record({ waitMs: fc.nat(3000), wanted: fc.nat(60) }), {
      maxLength: 50,
    })
    fc.assert(
      fc.property(rates, asks, (rate, all) => {
        let [tokens, now, taken] = [unspent, start, 0]
        for (const { waitMs, wanted } of all) {
          now += waitMs
          const spent = spend(rate, tokens, { now, wanted })
          taken += spent.taken
          tokens = spent
          const most = rate.burst + ((now - start) / 1000) * rate.perSecond
          expect(taken).toBeLessThanOrEqual(most * 1.001 + 1e-6)
          const free = Math.max(now, spent.nextToken ?? 0)
          expect(spend(rate, tokens, { now: free, wanted: 1 }).taken).toBe(1)
        }
      }),
    )
  })
})
