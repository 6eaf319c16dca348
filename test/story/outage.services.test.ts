import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell, withKey } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import { type Answer, everything, http } from '../support/http.ts'
import { type Network, openNetwork } from '../support/network.ts'
import { openPartner, type Partner } from '../support/partner.ts'
import { expectProblem } from '../support/problem.ts'
import { until } from '../support/until.ts'

let giro: Giro
let network: Network
let serving: Serving
let partner: Partner

const answerLimitMs = 10_000
const recoveryLimitMs = 5000

beforeAll(async () => {
  giro = await openGiro({ DELIVERY_TIMEOUT: '4', DELIVERY_LEASE: '8' })
  network = await openNetwork(giro.place)
  serving = await giro.serve({ DATABASE_URL: network.url })
  await giro.processor({ DATABASE_URL: network.url })
  await registerSampleParties(serving.api)
  partner = await openPartner()
  await addRoute(serving.api, partner.url)
})

/** A notice and what the bank was told. */
type Told = { serial: string; answer: Answer; ms: number }

let notices = 0

async function tellOne(headers = {}): Promise<Told> {
  notices += 1
  const serial = `serial ${notices}`
  const began = performance.now()
  const answer = await tell(serving.url, notice({ serial }), headers)
  return { serial, answer, ms: performance.now() - began }
}

/** Banks that send one notice after the other, all at once, until they are told to stop. */
function banksAtWork() {
  const told: Told[] = []
  let over = false
  const work = async () => {
    while (!over) told.push(await tellOne())
  }
  const workers = Array.from({ length: 8 }, work)
  return {
    told,
    /** Waits until so many more were told so. */
    async hear(count: number, status: number) {
      const before = told.length
      const now = () => told.slice(before).filter(({ answer }) => answer.status === status)
      await until(`${count} answers ${status}`, () => now().length >= count, answerLimitMs)
    },
    async stop() {
      over = true
      await Promise.all(workers)
      return told
    },
  }
}

/** Every answer was quick and true, and what is stored is what was acknowledged, or whole. */
async function expectNothingLost(told: Told[], paymentsBefore: Set<string>): Promise<void> {
  for (const { answer, ms } of told) {
    expect(ms).toBeLessThan(answerLimitMs)
    if (answer.status === 201) continue
    expectProblem(answer, { status: 503, code: 'unavailable' })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  }
  const acknowledged = told.flatMap(({ answer }) => (answer.status === 201 ? answer.json.id : []))
  const notified = async () => {
    const all = await everything(serving.api, '/payments')
    return all.every(({ status }) => status === 'notified') && all
  }
  // A claim whose commit came through after all, heard by nobody, comes back with its lease.
  const all = await until('every partner is told', notified, 20_000)
  const stored = all.map(({ id }) => id).filter((id) => !paymentsBefore.has(id))
  expect(acknowledged.filter((id) => !stored.includes(id))).toEqual([])
  expect(stored.length).toBeLessThanOrEqual(told.length)
  expect(new Set(all.map(({ proof_key }) => proof_key)).size).toBe(all.length)
  const heard = new Set(partner.heard.map(({ body }) => JSON.parse(`${body}`).data.payment.id))
  expect(all.filter(({ id }) => !heard.has(id))).toEqual([])
  await expectBooksToBalance(giro)
}

async function paymentIds(): Promise<Set<string>> {
  return new Set((await everything(serving.api, '/payments')).map(({ id }) => id))
}

async function expectRecovery(): Promise<void> {
  const back = performance.now()
  const taken = await until(
    'a notice is taken again',
    async () => {
      const { answer } = await tellOne()
      return answer.status === 201 && answer.json.id
    },
    recoveryLimitMs,
  )
  const isReady = async () => (await http(`${serving.url}/readyz`)).status === 200
  await until('ready again', isReady, recoveryLimitMs)
  const isTold = () => partner.heard.some(({ body }) => body.includes(taken))
  await until('the partner is told', isTold, recoveryLimitMs)
  expect(performance.now() - back).toBeLessThan(recoveryLimitMs)
}

describe('a connection that breaks at the COMMIT', () => {
  const fates = [
    ['never arrived', 'lost'],
    ['never arrived, and the server keeps waiting for it', 'forgotten'],
    ['was done', 'unheard'],
    ['arrives while it is done again', 'late'],
  ] as const

  it.each(fates)(
    'makes one payment when the COMMIT %s, and the bank hears of it',
    async (_, fate) => {
      const before = await paymentIds()
      const told: Told[] = []
      for (const headers of [{}, withKey(fate)]) {
        const broken = network.breakAtCommit(fate, 'INSERT INTO proofs')
        told.push(await tellOne(headers))
        await broken
      }
      expect(told.map(({ answer }) => answer.status)).toEqual([201, 201])
      const now = await paymentIds()
      expect(now.size).toBe(before.size + 2)
      await expectNothingLost(told, before)
    },
  )
})

describe('a COMMIT of the payment processor that nobody hears of', () => {
  it.each([
    ['claims', "UPDATE deliveries SET status = 'sending'"],
    ['records', 'INSERT INTO attempts'],
  ])('tells the partner once and at once, where it %s', async (_, beginning) => {
    const broken = network.breakAtCommit('unheard', beginning)
    const { answer } = await tellOne()
    await broken
    const { deliveries } = await paymentIn(serving.api, answer.json.id, 'notified')
    expect(deliveries).toMatchObject([{ attempts: [{ result: 'delivered' }] }])
    const webhooks = partner.heard.filter(({ body }) => body.includes(answer.json.id))
    expect(webhooks).toHaveLength(1)
  })
})

describe('connections that are cut', () => {
  it('harm nobody but those on them, and both programs make new ones', async () => {
    const before = await paymentIds()
    const banks = banksAtWork()
    for (let i = 0; i < 10; i += 1) {
      await banks.hear(20, 201)
      network.cut()
    }
    const told = await banks.stop()
    await expectRecovery()
    await expectNothingLost(told, before)
  })
})

describe('a server that takes no connections', () => {
  it('makes intake answer 503 at once, until it is back', async () => {
    const before = await paymentIds()
    const banks = banksAtWork()
    await banks.hear(20, 201)
    await network.refuse()
    await banks.hear(20, 503)
    expectProblem(await http(`${serving.url}/readyz`), { status: 503, code: 'unavailable' })
    expect((await http(`${serving.url}/healthz`)).status).toBe(200)
    await network.resume()
    await expectRecovery()
    await expectNothingLost(await banks.stop(), before)
  })
})

describe('a server that does not answer', () => {
  const limitMs = 120_000 // More than all that it waits for, so that it says which of it failed.

  it.each([
    ['answers again', 'resume'],
    ['breaks all connections first', 'cut'],
  ] as const)(
    'makes intake answer 503 within 10 s, until it %s',
    async (_, first) => {
      const before = await paymentIds()
      const banks = banksAtWork()
      await banks.hear(20, 201)
      network.freeze()
      await banks.hear(8, 503)
      expectProblem(await http(`${serving.url}/readyz`), { status: 503, code: 'unavailable' })
      expect((await http(`${serving.url}/healthz`)).status).toBe(200)
      if (first === 'cut') network.cut()
      await network.resume()
      await expectRecovery()
      await expectNothingLost(await banks.stop(), before)
    },
    limitMs,
  )
})
