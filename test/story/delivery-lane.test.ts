import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import { allNumbered } from '../support/event.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import { http, type Json } from '../support/http.ts'
import { openPartner, says } from '../support/partner.ts'
import { expectProblem } from '../support/problem.ts'
import { until } from '../support/until.ts'

const routes = '/partners/partner1/routes'
const idle = { state: 'closed', until: null, failures: 0, failing_since: null, reason: null }

let giro: Giro
let serving: Serving

beforeAll(async () => {
  giro = await openGiro({ DELIVERY_SCHEDULE: '0,0.1,0.1', DELIVERY_LEASE: '30' })
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  await giro.processor()
})

/** A partner of its own with one route, whose settings the API is given. */
async function account(name: string, settings: object = {}) {
  const partner = await openPartner()
  await serving.api.post('/partners', { account_id: name, name })
  const route = await addRoute(serving.api, partner.url, { account: name })
  const path = `/partners/${name}/routes/${route.id}`
  expect((await serving.api.patch(path, settings)).status).toBe(200)
  const pay = async (): Promise<string> =>
    (await tell(serving.url, notice({ account_number: name }))).json.id
  const lane = async () => (await serving.api.get(path)).json.lane
  return { ...partner, id: route.id, path, pay, lane }
}

async function lanesOf(type: string): Promise<Json[]> {
  await allNumbered(giro.place)
  return (await serving.api.get(`/events?type=${type}&limit=100`)).json.data
}

describe('the settings of a route', () => {
  it('are those of the daemon, until it has its own, and again when they are null', async () => {
    const given = { notify_method: 'email', contact_path: 'a@b.example' }
    const none = { concurrency: 8, time_limit: null, rate_limit: null, schedule: null }
    const made = (await serving.api.post(routes, given)).json
    expect(made).toMatchObject({ ...none, lane: idle })

    const path = `${routes}/${made.id}`
    const own = { concurrency: 2, time_limit: 2.5, schedule: [0, 0.5] }
    const rate_limit = { per_second: 0.5 }
    const changed = (await serving.api.patch(path, { ...own, rate_limit })).json
    expect(changed).toMatchObject({ ...own, rate_limit: { per_second: 0.5, burst: 1 } })
    const back = { concurrency: null, time_limit: null, rate_limit: null }
    expect((await serving.api.patch(path, back)).json).toMatchObject({
      ...none,
      schedule: [0, 0.5],
    })
    const created = await serving.api.post(routes, { ...given, ...own })
    expect(created.json).toMatchObject({ ...own, rate_limit: null })
  })

  it.each([
    [{ concurrency: 0 }, '/concurrency'],
    [{ concurrency: 1001 }, '/concurrency'],
    [{ concurrency: 1.5 }, '/concurrency'],
    [{ time_limit: 0 }, '/time_limit'],
    [{ time_limit: 30 }, '/time_limit'],
    [{ time_limit: '5' }, '/time_limit'],
    [{ rate_limit: 5 }, '/rate_limit'],
    [{ rate_limit: { per_second: 0 } }, '/rate_limit/per_second'],
    [{ rate_limit: { burst: 3 } }, '/rate_limit/per_second'],
    [{ rate_limit: { per_second: 1, burst: 0 } }, '/rate_limit/burst'],
    [{ rate_limit: { per_second: 1, every: 0 } }, '/rate_limit/every'],
    [{ schedule: [] }, '/schedule'],
    [{ schedule: [0, -1] }, '/schedule/1'],
    [{ schedule: '0,5' }, '/schedule'],
  ])('are refused where they are wrong: %j', async (wrong, pointer) => {
    const given = { notify_method: 'email', contact_path: 'a@b.example' }
    const refused = { status: 422, code: 'invalid', pointers: [pointer] }
    expectProblem(await serving.api.post(routes, { ...given, ...wrong }), refused)
    const [route] = (await serving.api.get(routes)).json.data
    expectProblem(await serving.api.patch(`${routes}/${route.id}`, wrong), refused)
  })

  it('are said at the command line as well, and shown with the lane', async () => {
    const create = ['route', 'create', 'partner1', '--method', 'email', '--to', 'a@b.example']
    const own = ['--concurrency', '3', '--time-limit', '7.5', '--rate', '2', '--burst', '9']
    const { secret, ...route } = await giro.ask(...create, ...own, '--schedule', '0,60')
    expect(route).toMatchObject({
      concurrency: 3,
      time_limit: 7.5,
      rate_limit: { per_second: 2, burst: 9 },
      schedule: [0, 60],
      lane: idle,
    })
    const show = ['route', 'show', 'partner1', route.id]
    expect(await giro.ask(...show)).toEqual(route)
    const change = ['route', 'change', 'partner1', route.id]
    const all = ['--concurrency', '--time-limit', '--rate', '--schedule']
    const defaults = all.flatMap((name) => [name, 'default'])
    expect(await giro.ask(...change, ...defaults)).toMatchObject({
      concurrency: 8,
      time_limit: null,
      rate_limit: null,
      schedule: null,
    })
    for (const wrong of [
      ['--time-limit', '30'],
      ['--rate', 'fast'],
      ['--burst', '3'],
    ])
      expect((await giro.manage(...change, ...wrong)).code).toBe(1)
  })
})

describe('a route with a schedule and a time limit of its own', () => {
  it('is tried as that says', async () => {
    const one = await account('own', { schedule: [0], time_limit: 0.3 })
    one.does(() => {})
    const { deliveries } = await paymentIn(serving.api, await one.pay(), 'failed')
    expect(deliveries[0].attempts).toMatchObject([{ error: 'no answer within 0.3 s' }])
  })
})

describe('a partner that fails on and on', () => {
  it('is left alone, visibly, until an operator resumes its lane', async () => {
    const one = await account('dead', { schedule: Array(40).fill(0) })
    one.does(says(500))
    const ids = [await one.pay(), await one.pay()]
    const open = await until('it is open', async () => {
      const lane = await one.lane()
      return lane.state === 'open' && lane
    })
    expect(open.failures).toBeGreaterThanOrEqual(10)
    expect(open.reason).toContain('failed in a row; the last: the partner answered 500')
    for (const id of ids)
      await until('it waits', async () => {
        const { deliveries } = (await serving.api.get(`/payments/${id}`)).json
        return deliveries[0].status === 'pending'
      })
    const metrics = (await http(`${serving.url}/metrics`)).bytes.toString()
    expect(metrics).toMatch(/^giro_lanes_open 1$/m)
    expect(metrics).toMatch(/^giro_lane_openings_total 1$/m)

    one.does(says(204))
    const resume = ['route', 'resume', 'dead', one.id]
    for (let i = 0; i < 2; i += 1) expect((await giro.ask(...resume)).lane.state).toBe('closed')
    for (const id of ids) await paymentIn(serving.api, id, 'notified')
    expect((await serving.api.post(`${one.path}/resume`, {})).json.lane).toEqual(idle)
    expectProblem(await serving.api.act('/partners/dead/routes/rte_x/resume'), {
      status: 404,
      code: 'not_found',
    })
    const about = { subject: one.id, data: { account_id: 'dead' } }
    expect(await lanesOf('lane.opened')).toMatchObject([about])
    expect(await lanesOf('lane.closed')).toMatchObject([about])
  })
})

describe('a partner that asks for later', () => {
  it('is told when the time that it said is over, and not before', async () => {
    const one = await account('busy')
    one.does(says(503, '', { 'retry-after': '2' }))
    const first = await one.pay()
    const held = await until('it is held', async () => {
      const lane = await one.lane()
      return lane.state === 'held' && lane
    })
    expect(held).toMatchObject({ failures: 1, reason: expect.stringContaining('503') })
    one.does(says(204))
    const second = await one.pay()
    await paymentIn(serving.api, first, 'notified')
    await paymentIn(serving.api, second, 'notified')
    const [before, after] = one.heard
    expect((after?.time ?? 0) - (before?.time ?? 0)).toBeGreaterThan(1900)
    expect(await one.lane()).toEqual(idle)
  })
})

describe('a partner that is gone', () => {
  it('has its route disabled, what is open waits, and goes when it is enabled again', async () => {
    const one = await account('gone')
    one.does(says(410))
    const id = await one.pay()
    await until('it is disabled', async () => !(await serving.api.get(one.path)).json.enabled)
    expect(await one.lane()).toMatchObject({ state: 'disabled', until: null })
    expect(await lanesOf('route.disabled')).toMatchObject([
      { subject: one.id, data: { account_id: 'gone', reason: expect.stringContaining('410') } },
    ])
    expect((await tell(serving.url, notice({ account_number: 'gone' }))).json.status).toBe(
      'unrouted',
    )
    expect((await serving.api.post(`${one.path}/resume`, {})).json.lane.state).toBe('disabled')
    one.does(says(204))
    expect((await serving.api.patch(one.path, { enabled: true })).json.lane.state).toBe('closed')
    await paymentIn(serving.api, id, 'notified')
  })
})

describe('after all this', () => {
  it('the books balance', async () => {
    await expectBooksToBalance(giro)
  })
})
