import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Claimed } from '../../src/delivery/claim.ts'
import { deliveries } from '../../src/delivery/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import {
  claimDigests,
  delivered,
  failed,
  paymentsIn,
  recordTry,
  roadWithDigest,
} from '../support/digests.ts'
import { arrive } from '../support/road.ts'
import { expectBooksToBalance } from '../support/temp-database.ts'

const step = fc.oneof(
  fc.record({ do: fc.constant('arrive' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    do: fc.constant('wait' as const),
    ms: fc.constantFrom(1, 5000, 10_000, 60_000, 1_800_000, 3_600_000),
  }),
  fc.record({ do: fc.constant('claim' as const) }),
  // A daemon that dies after it has sent has told the partner, and records nothing.
  fc.record({
    do: fc.constant('answer' as const),
    pick: fc.nat(9),
    got: fc.constantFrom('delivered' as const, 'failed' as const, 'died' as const),
  }),
)

type Walk = {
  road: Awaited<ReturnType<typeof roadWithDigest>>
  came: string[]
  held: Claimed[]
  told: Told
}

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** What the partner was told under each Message-ID; a repeat is the same mail again. */
type Told = Map<string, string[]>

async function take(walk: Walk, next: Step) {
  const { road, held, told } = walk
  if (next.do === 'arrive') walk.came.push(...(await arrive(road, next.count)))
  else if (next.do === 'wait') road.clock.advance(next.ms)
  else if (next.do === 'claim') held.push(...(await claimDigests(road)))
  else {
    const [one] = held.splice(next.pick % Math.max(1, held.length), 1)
    if (!one) return
    if (next.got !== 'failed') tell(told, one)
    const sent = next.got === 'delivered' ? delivered : failed
    if (next.got !== 'died') await recordTry(road, road.database, one, sent)
  }
}

function tell(told: Told, one: Claimed): void {
  const id = `${one.digest?.id}`
  const payments = paymentsIn(one)
  expect(told.get(id) ?? payments).toEqual(payments)
  told.set(id, payments)
}

describe('digests, whatever becomes of daemons', () => {
  it('tell of each payment once, and again only as the same mail', async () => {
    const road = await roadWithDigest()
    const walks = fc.array(step, { minLength: 20, maxLength: 40, size: 'max' })
    await fc.assert(
      fc.asyncProperty(walks, async (steps) => {
        await road.database.write(async (db) => {
          for (const table of [sql`attempts`, sql`deliveries`, sql`payments`])
            await db.run(sql`DELETE FROM ${table}`)
        })
        const walk: Walk = { road, came: await arrive(road, 2), held: [], told: new Map() }
        for (const next of steps) await take(walk, next)
        // Whoever still works on something died; then one daemon does all that is left.
        road.clock.advance(2 * 3_600_000)
        const rest = await claimDigests(road)
        for (const one of rest) tell(walk.told, one)
        const failedForGood = await failedOnes(road)
        const all = [...walk.told.values()].flat()
        expect(new Set(all).size).toBe(all.length)
        expect(walk.came.filter((id) => !all.includes(id) && !failedForGood.has(id))).toEqual([])
      }),
      { numRuns: 40 },
    )
    await expectBooksToBalance(road.database)
  })
})

async function failedOnes({ database }: Walk['road']): Promise<Set<string>> {
  const rows = await database.read((db) => db.select(deliveries, sql`WHERE status = 'failed'`))
  return new Set(rows.map(({ paymentId }) => paymentId))
}
