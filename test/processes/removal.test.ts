import { describe, expect, it } from '@jest/globals'
import { anyOnRoute } from '../../src/delivery/index.ts'
import { createParties } from '../../src/party/index.ts'
import { anyWithAccount, anyWithReference, record } from '../../src/payment/index.ts'
import type { Database, Db } from '../../src/platform/database/index.ts'
import { Refused } from '../../src/platform/problem.ts'
import { query } from '../support/place.ts'
import { arrival, openRoad, type Road } from '../support/road.ts'
import { expectBooksToBalance, openPlace } from '../support/temp-database.ts'
import { turns, watched } from '../support/turns.ts'

const rounds = 40

type Given = { database: Database; looked?: () => Promise<void> }

/** The register as another process has it; `looked` is called when it has seen who is in use. */
function partiesOn(road: Road, { database, looked = async () => {} }: Given) {
  const then = (ask: (db: Db, id: string) => Promise<boolean>) => async (db: Db, id: string) => {
    const used = await ask(db, id)
    await looked()
    return used
  }
  const inUse = {
    payer: then(anyWithReference),
    partner: then(anyWithAccount),
    route: then(anyOnRoute),
  }
  const { tools, vault, guard, hooks } = road
  return createParties({ ...tools, database, vault, guard, ...hooks, inUse })
}

async function roadFor(count: number) {
  const road = await openRoad()
  for (let i = 0; i < count; i += 1) await register(road, i)
  return { road, other: await openPlace(road.place, road.clock) }
}

async function register(road: Road, i: number): Promise<void> {
  await road.parties.createPayer({ id: `payer${i}`, name: 'a payer' })
  await road.partner(`partner${i}`, 1)
}

/** A notice of a payment; what was decided. `held` is waited for before the commit. */
async function arrive(road: Road, i: number, held: () => Promise<void> = async () => {}) {
  const one = arrival(road, { referenceNumber: `payer${i}`, accountNumber: `partner${i}` })
  const [decision] = await road.database.write(async (db) => {
    const decisions = await record(db, [one], { ...road.tools, firstDelayMs: () => 0 })
    await held()
    return decisions
  })
  return decision?.status === 'refused' ? decision.objections[0].code : decision?.status
}

type Parties = Road['parties']

const removals: [
  what: string,
  refusal: string,
  remove: (parties: Parties, i: number) => Promise<void>,
][] = [
  ['partner', 'partner_unknown', (parties, i) => parties.deletePartner(`partner${i}`)],
  ['payer', 'payer_unknown', (parties, i) => parties.deletePayer(`payer${i}`)],
]

const outcome = (removing: Promise<unknown>): Promise<string> =>
  removing.then(
    () => 'removed',
    (error) => {
      if (error instanceof Refused) return error.refusal.code
      throw error
    },
  )

/** What is kept refers only to what is kept. */
async function expectNobodyMissing({ place, database }: Road): Promise<void> {
  const lacking = (child: string, key: string, parent: string, id: string) =>
    query(
      place,
      `SELECT ${child}.id FROM ${child} LEFT JOIN ${parent} ON ${child}.${key} = ${parent}.${id}
        WHERE ${parent}.${id} IS NULL`,
    )
  expect({
    partners: await lacking('payments', 'partner_id', 'partners', 'account_id'),
    payers: await lacking('payments', 'payer_id', 'payers', 'id'),
    routes: await lacking('deliveries', 'route_id', 'routes', 'id'),
    owners: await lacking('routes', 'account_id', 'partners', 'account_id'),
  }).toEqual({ partners: [], payers: [], routes: [], owners: [] })
  await expectBooksToBalance(database)
}

describe.each(removals)('a %s whom another process removes', (_, refusal, remove) => {
  it('stays when a payment is being recorded, which then is in use', async () => {
    const { road, other } = await roadFor(1)
    const recorded = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const arriving = arrive(road, 0, () => {
      recorded.resolve()
      return held.promise
    })
    await recorded.promise
    const removing = watched(outcome(remove(partiesOn(road, { database: other }), 0)))
    await turns(50)
    expect(removing.settled()).toBe(false)
    held.resolve()
    expect([await arriving, await removing.promise]).toEqual(['recorded', 'in_use'])
    await expectNobodyMissing(road)
  })

  it('is unknown to the notice that comes while it is being removed', async () => {
    const { road, other } = await roadFor(1)
    const held = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const looked = () => {
      asked.resolve()
      return held.promise
    }
    const removing = outcome(remove(partiesOn(road, { database: other, looked }), 0))
    await asked.promise
    const arriving = watched(arrive(road, 0))
    await turns(50)
    expect(arriving.settled()).toBe(false)
    held.resolve()
    expect([await arriving.promise, await removing]).toEqual([refusal, 'removed'])
    await expectNobodyMissing(road)
  })

  it('is either in use or unknown when both come at once, and nothing else', async () => {
    const { road, other } = await roadFor(rounds)
    const parties = partiesOn(road, { database: other })
    const seen = new Set<string>()
    for (let i = 0; i < rounds; i += 1) {
      const both = [() => arrive(road, i), () => outcome(remove(parties, i))]
      const order = i % 2 ? both.toReversed() : both
      const ends = await Promise.all(order.map((start) => start()))
      seen.add((i % 2 ? ends.toReversed() : ends).join())
    }
    expect(['recorded,in_use', `${refusal},removed`]).toEqual(expect.arrayContaining([...seen]))
    await expectNobodyMissing(road)
  })
})

describe('a route that another process removes', () => {
  it('is in use, or nothing is delivered on it', async () => {
    const { road, other } = await roadFor(rounds)
    const parties = partiesOn(road, { database: other })
    const ids = await query(road.place, 'SELECT id, account_id FROM routes')
    const idOf = new Map(ids.map((row) => [row.account_id, `${row.id}`]))
    for (let i = 0; i < rounds; i += 1) {
      const account = `partner${i}`
      const [, removed] = await Promise.all([
        arrive(road, i),
        outcome(parties.deleteRoute(account, idOf.get(account) ?? '')),
      ])
      expect(['removed', 'in_use']).toContain(removed)
    }
    await expectNobodyMissing(road)
  })
})
