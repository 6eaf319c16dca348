import { once } from 'node:events'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { allNumbered, happen } from '../support/event.ts'
import { type Listener, listenTo } from '../support/event-stream.ts'
import type { Serving } from '../support/giro.ts'
import { addRoute, type Giro, openGiro, registerSampleParties } from '../support/giro.ts'
import { http, type Json, operator } from '../support/http.ts'
import { connected } from '../support/listening.ts'
import { inParallel } from '../support/parallel.ts'
import { openPartner } from '../support/partner.ts'
import { query } from '../support/place.ts'
import { expectProblem, expectUnavailable } from '../support/problem.ts'
import { openPlace } from '../support/temp-database.ts'
import { turns } from '../support/turns.ts'
import { until } from '../support/until.ts'

/** Far below the 20 seconds that a stop may take. */
const promptMs = 5000

let giro: Giro
/** One process that hears the banks, and one that is asked what happens. */
let door: Serving
let asked: Serving
let readKey: string

beforeAll(async () => {
  giro = await openGiro()
  readKey = (await giro.ask('key', 'create', '--name', 'reader', '--scope', 'read')).key
  door = await giro.serve()
  asked = await giro.serve()
  await registerSampleParties(door.api)
  await addRoute(door.api, (await openPartner()).url)
  await giro.processor()
}, 90_000)

const bearer = () => ({ authorization: `Bearer ${readKey}` })
const reader = () => operator(asked.url, readKey)

async function pay(): Promise<string> {
  const { status, json } = await tell(door.url, notice())
  expect(status).toBe(201)
  return json.id
}

const listen = (query = '', headers: Record<string, string> = {}): Promise<Listener> =>
  listenTo(`${asked.url}/api/v1/events/stream${query}`, { ...bearer(), ...headers })

/** Where the log ends, once all that was begun has happened and has its number. */
async function end(): Promise<string> {
  await until('all is delivered', async () => {
    const open = 'SELECT 1 FROM deliveries WHERE finish_date IS NULL LIMIT 1'
    return (await query(giro.place, open)).length === 0
  })
  await allNumbered(giro.place)
  for (let after = ''; ; ) {
    const { json } = await reader().get(`/events?limit=500${after && `&after=${after}`}`)
    after = json.next
    if (json.data.length === 0) return after
  }
}

describe('a reader by cursor', () => {
  it('that is cut off and comes back sees each event once and in order', async () => {
    const start = await end()
    const paying = inParallel([...Array(60).keys()], 8, pay)
    const seen: Json[] = []
    const payments = () => seen.filter(({ type }) => type === 'payment.received')
    let cursor = start
    for (let turn = 0; payments().length < 60; turn += 1) {
      const url = `${asked.url}/api/v1/events?limit=7&wait=10&after=${cursor}`
      const cut = new AbortController()
      const answer = fetch(url, { headers: bearer(), signal: cut.signal })
        .then((response) => response.json() as Promise<Json>)
        .catch(() => null)
      if (turn % 3 === 0) {
        await turns(turn)
        cut.abort()
      }
      const page = await answer
      if (!page) continue
      seen.push(...page.data)
      cursor = page.next
    }
    const ids = payments().map(({ subject }) => subject)
    expect(ids.toSorted()).toEqual((await paying).toSorted())
    const places = seen.map(({ seq }) => Number(seq))
    expect(places).toEqual(places.map((_, i) => (places[0] ?? 0) + i))
  }, 60_000)

  it('sees an event as it is stored, with the payment as its partner is told of it', async () => {
    const start = await end()
    const id = await pay()
    await end()
    const { json } = await reader().get(`/events?after=${start}`)
    expect(json.data.map(({ type }: Json) => type)).toEqual([
      'payment.received',
      'delivery.delivered',
      'payment.notified',
    ])
    expect(json.data[0]).toEqual({
      id: expect.stringMatching(/^evt_/),
      seq: expect.stringMatching(/^\d+$/),
      type: 'payment.received',
      subject: id,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      data: { payment: expect.objectContaining({ id, amount: '55.00', currency: 'USD' }) },
    })
    const only = await reader().get(`/events?after=${start}&type=payment.notified`)
    expect(only.json.data).toEqual([json.data[2]])
    expect(only.json.next).toBe(json.next)
  })

  it('that waits is answered as soon as something happens, and in the end if nothing does', async () => {
    const start = await end()
    const waiting = reader().get(`/events?after=${start}&wait=20`)
    await turns(50)
    const id = await pay()
    const paidAt = performance.now()
    const { json } = await waiting
    expect(performance.now() - paidAt).toBeLessThan(2000)
    expect(json.data[0]).toMatchObject({ type: 'payment.received', subject: id })
    const last = await end()
    const empty = await reader().get(`/events?after=${last}&wait=1`)
    expect(empty.json).toEqual({ data: [], next: last })
  })

  it.each([
    ['after=nonsense', '/after'],
    [`after=${Buffer.from('["pay_1"]').toString('base64url')}`, '/after'],
    // No log is as long: this cursor would be of one that was lost.
    [`after=${Buffer.from('[1000000000]').toString('base64url')}`, '/after'],
    ['wait=61', '/wait'],
    ['wait=soon', '/wait'],
    ['limit=0', '/limit'],
    ['type=payment.lost', '/type'],
    ['before=x', '/before'],
  ])('is refused ?%s with the pointer %s', async (query, pointer) => {
    const refused = { status: 422, code: 'invalid', pointers: [pointer] }
    expectProblem(await reader().get(`/events?${query}`), refused)
  })

  it('needs a key', async () => {
    for (const path of ['/events', '/events/stream'])
      expectProblem(await operator(asked.url, null).get(path), {
        status: 401,
        code: 'unauthorized',
      })
  })
})

describe('a stream of events', () => {
  it('begins with what happens from now on', async () => {
    await end()
    const { headers, status, lines, hears, leave } = await listen()
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const id = await pay()
    const [first] = await hears(3)
    expect(first).toMatchObject({ type: 'payment.received', data: { subject: id } })
    expect(lines[0]).toBe('retry: 2000')
    leave()
  })

  it('begins after a cursor, has one type if asked, and is refused where that is wrong', async () => {
    const start = await end()
    await pay()
    const last = await end()
    const { data } = (await reader().get(`/events?after=${start}`)).json
    const all = await listen(`?after=${start}`)
    expect((await all.hears(3)).map((one) => one.data)).toEqual(data)
    expect(all.lastId()).toBe(last)
    all.leave()
    const some = await listen(`?after=${start}&type=payment.notified`)
    expect((await some.hears(1)).map((one) => one.data)).toEqual([data[2]])
    some.leave()
    const wrong = `${asked.url}/api/v1/events/stream?after=`
    expectProblem(await http(`${wrong}x`, { headers: bearer() }), {
      status: 422,
      code: 'invalid',
      pointers: ['/after'],
    })
    const headers = { ...bearer(), 'last-event-id': 'x' }
    expectProblem(await http(`${wrong}${start}`, { headers }), {
      status: 422,
      code: 'invalid',
      pointers: ['/last-event-id'],
    })
  })

  it('goes on where the client was, also when it had heard nothing yet', async () => {
    await end()
    const first = await listen()
    const start = await until('the cursor is there', () => first.lastId() !== '' && first.lastId())
    first.leave()
    const id = await pay()
    const back = await listen('', { 'last-event-id': start })
    expect((await back.hears(3))[0]?.data.subject).toBe(id)
    back.leave()
  })

  it('ends at once when its process stops, and goes on in the next one', async () => {
    await end()
    const before = await listen()
    const heard = [await pay()]
    await before.hears(3)
    const waiting = reader().get(`/events?after=${before.lastId()}&wait=60`)
    await turns(50)
    const began = performance.now()
    expect(await asked.end()).toEqual({ code: 0, signal: null })
    await before.over
    expect(performance.now() - began).toBeLessThan(promptMs)
    expect((await waiting).json).toEqual({ data: [], next: before.lastId() })

    heard.push(await pay())
    asked = await giro.serve()
    const back = await listen('', { 'last-event-id': before.lastId() })
    heard.push(await pay())
    await back.hears(6)
    const paid = [...before.heard, ...back.heard].filter(({ type }) => type === 'payment.received')
    expect(paid.map(({ data }) => data.subject)).toEqual(heard)
    back.leave()
  }, 60_000)

  it('is there for so many and no more, until one of them leaves', async () => {
    const listeners: Listener[] = []
    for (let i = 0; i < 100; i += 1) listeners.push(await listen())
    expect(listeners.every(({ status }) => status === 200)).toBe(true)
    const url = `${asked.url}/api/v1/events/stream`
    expectUnavailable(await http(url, { headers: bearer() }))
    await pay()
    await Promise.all(listeners.map(({ hears }) => hears(1)))
    listeners[0]?.leave()
    await until('there is room again', async () => {
      const another = await listen()
      another.leave()
      return another.status === 200
    })
    for (const one of listeners) one.leave()
  }, 60_000)

  it('that nobody reads keeps neither the others nor the stop waiting', async () => {
    const start = await end()
    const database = await openPlace(giro.place)
    const text = 'x'.repeat(100_000)
    const ids = Array.from({ length: 200 }, (_, i) => `evt_ZZ${100 + i}`)
    for (let i = 0; i < 200; i += 20)
      await happen(database, ids.slice(i, i + 20), 'payer.changed', { text })
    await end()

    const slow = await connected(asked.url)
    slow.pause()
    const { authorization } = bearer()
    const path = `/api/v1/events/stream?after=${start}`
    slow.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`)
    const quick = await listen(`?after=${start}`)
    expect((await quick.hears(200)).map(({ data }) => data.id)).toEqual(ids)

    const began = performance.now()
    expect(await asked.end()).toEqual({ code: 0, signal: null })
    expect(performance.now() - began).toBeLessThan(promptMs)
    await quick.over
    const closed = once(slow, 'close')
    slow.resume()
    await closed
    await expectBooksToBalance(giro)
  }, 60_000)
})
