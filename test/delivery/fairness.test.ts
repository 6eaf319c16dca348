import { describe, expect, it } from '@jest/globals'
import type { Message } from '../../src/delivery/channels/channel.ts'
import { lanes } from '../../src/delivery/index.ts'
import { routesOf } from '../../src/party/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { channel, delivered, failed, lanesOn } from '../support/daemon.ts'
import { arrive, type Road, roadTo } from '../support/road.ts'
import { openPlace } from '../support/temp-database.ts'
import { turns } from '../support/turns.ts'
import { until } from '../support/until.ts'

async function change(road: Road, partner: string, given: object) {
  const [route] = await road.database.read((db) => routesOf(db, [partner]))
  await road.parties.changeRoute(partner, `${route?.id}`, given)
}

const to = (partner: string) => (message: Message) => message.route.accountId === partner

const states = async (road: Road) =>
  (await road.database.read((db) => db.select(lanes, sql`WHERE 1 = 1`))).map(({ state }) => state)

describe('partners who all hang from their first call on', () => {
  it('keep another waiting for a moment only, though they have more under way than slots', async () => {
    const dead = Array.from({ length: 10 }, (_, i) => `dead${i}`)
    const road = await roadTo(...dead, 'answers')
    const hanging = Promise.withResolvers<typeof failed>()
    const api = channel(async ({ route }) =>
      route.accountId === 'answers' ? delivered : hanging.promise,
    )
    for (const one of dead) await arrive(road, 20, { to: one })
    await arrive(road, 1, { to: 'answers' })
    const { lanes: daemon } = lanesOn(road, api, { concurrency: 5 })
    await daemon.start()
    await until('it is told', () => api.heard.some(to('answers')))
    expect(api.inFlight.now).toBe(10)
    hanging.resolve(failed)
  })
})

describe('a partner that hangs on every call', () => {
  it('has as many attempts under way as its route may, and another is told meanwhile', async () => {
    const road = await roadTo('hangs', 'answers')
    await change(road, 'hangs', { concurrency: 3, time_limit: 2.5 })
    const hanging = Promise.withResolvers<typeof failed>()
    const answers = [delivered].values()
    const api = channel(async ({ route }) =>
      route.accountId === 'hangs' ? (answers.next().value ?? hanging.promise) : delivered,
    )
    await arrive(road, 300, { to: 'hangs' })
    const { lanes: daemon } = lanesOn(road, api)
    await daemon.start()
    await until('three hang', () => api.heard.length === 1 + 3)
    for (let i = 1; i <= 20; i += 1) {
      await arrive(road, 1, { to: 'answers' })
      await until('it is told', () => api.heard.filter(to('answers')).length === i)
    }
    const [, ...hung] = api.heard.filter(to('hangs'))
    expect(hung).toHaveLength(3)
    expect(hung.map(({ timeoutMs }) => timeoutMs)).toEqual([2500, 2500, 2500])
    hanging.resolve(failed)
  })

  it('has more or fewer as soon as its route says so', async () => {
    const road = await roadTo('partner')
    let answers: (() => void)[] = []
    const api = channel(() => new Promise((resolve) => answers.push(() => resolve(delivered))))
    const { lanes: daemon } = lanesOn(road, api)
    await daemon.start()
    await arrive(road, 41, { to: 'partner' })
    await until('one goes ahead', () => answers.length === 1)
    for (const answer of answers.splice(0)) answer()
    await until('eight are under way', () => api.inFlight.now === 8)
    const next = async (concurrency: number) => {
      await change(road, 'partner', { concurrency })
      for (const answer of answers.splice(0)) answer()
      await until(`${concurrency} are under way`, () => api.inFlight.now === concurrency)
      await turns(50)
      expect(api.inFlight.now).toBe(concurrency)
    }
    await next(2)
    await next(12)
    const rest = answers
    answers = { push: (answer: () => void) => answer() } as unknown as typeof answers
    for (const answer of rest) answer()
    await until('all are told', () => api.heard.length === 41)
  })
})

describe('many partners that are dead', () => {
  it('are tried ten times each and then left alone, while the one that lives hears all', async () => {
    const dead = Array.from({ length: 30 }, (_, i) => `dead${i}`)
    const road = await roadTo(...dead, 'alive')
    for (const partner of dead) await arrive(road, 40, { to: partner })
    const api = channel(async ({ route }) => (route.accountId === 'alive' ? delivered : failed))
    const { lanes: daemon } = lanesOn(road, api)
    await daemon.start()
    await arrive(road, 100, { to: 'alive' })
    await until('the living hears all', () => api.heard.filter(to('alive')).length === 100, 60_000)
    await until('all are open', async () => (await states(road)).length === 30, 60_000)
    await until(
      'none is tried',
      async () => (await states(road)).every((one) => one === 'open'),
      60_000,
    )
    const heard = api.heard.length
    for (const partner of dead)
      expect(api.heard.filter(to(partner)).length).toBeLessThanOrEqual(10 + 8)
    await arrive(road, 5, { to: 'alive' })
    await until('the living hears more', () => api.heard.filter(to('alive')).length === 105)
    expect(api.heard).toHaveLength(heard + 5)
  })
})

describe('a lane that is open when a daemon stops', () => {
  it('is open for the next one, which makes one try and then sends all', async () => {
    const road = await roadTo('partner')
    const first = lanesOn(
      road,
      channel(async () => failed),
    )
    await first.lanes.start()
    await arrive(road, 30, { to: 'partner' })
    await until('it is open', async () => (await states(road))[0] === 'open')
    await first.lanes.stop()

    const database = await openPlace(road.place, road.clock)
    const healing = Promise.withResolvers<typeof delivered>()
    const second = lanesOn(
      road,
      channel(() => healing.promise),
      { database },
    )
    await second.lanes.start()
    await turns(50)
    expect(second.api.heard).toEqual([])
    road.clock.advance(12_000)
    second.lanes.wake()
    await until('it is tried', () => second.api.inFlight.now > 0)
    await turns(50)
    expect(second.api.inFlight.now).toBe(1)
    healing.resolve(delivered)
    await until('all are told', () => second.api.heard.length >= 30)
  })
})

describe('a lane with a rate', () => {
  it('is sent on when there is a token, and not before', async () => {
    const road = await roadTo('partner')
    await change(road, 'partner', { rate_limit: { per_second: 1, burst: 2 } })
    const { lanes: daemon, api } = lanesOn(road)
    await daemon.start()
    await arrive(road, 5, { to: 'partner' })
    await until('two are told', () => api.heard.length === 2)
    await turns(50)
    expect(api.heard).toHaveLength(2)
    road.clock.advance(1000)
    daemon.wake()
    await until('one more is told', () => api.heard.length === 3)
    await change(road, 'partner', { rate_limit: null })
    await until('all are told', () => api.heard.length === 5)
  })
})
