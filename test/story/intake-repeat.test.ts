import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, notice, tell, withKey } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { type Answer, everything, type Json } from '../support/http.ts'
import { expectProblem } from '../support/problem.ts'

let giro: Giro
let serving: Serving

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await registerSampleParties(serving.api)
})

const post = (body: string, key?: string): Promise<Answer> =>
  tell(serving.url, body, key === undefined ? {} : withKey(key))

/** The payments and the outcomes of the proofs that came of a body. */
async function cameOf(body: string) {
  const sha256 = createHash('sha256').update(body).digest('hex')
  const proofs = (await everything(serving.api, '/proofs')).filter((one) => one.sha256 === sha256)
  const keys = new Set(proofs.map((one) => one.proof_key))
  const payments = (await everything(serving.api, '/payments')).filter((one) =>
    keys.has(one.proof_key),
  )
  return { payments, outcomes: proofs.map((one: Json) => one.outcome).toSorted() }
}

describe('two equal notices', () => {
  it('without a key are two payments, since this bank names no transactions', async () => {
    const body = notice({ amount: '1.01' })
    const [first, second] = [await post(body), await post(body)]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(first.json.id).not.toBe(second.json.id)
    const { payments, outcomes } = await cameOf(body)
    expect(payments).toHaveLength(2)
    expect(outcomes).toEqual(['accepted', 'accepted'])
  })

  it('with different keys are two payments', async () => {
    const body = notice({ amount: '1.02' })
    expect((await post(body, 'left')).status).toBe(201)
    expect((await post(body, 'right')).status).toBe(201)
    expect((await cameOf(body)).payments).toHaveLength(2)
  })
})

describe('the same key with the same content', () => {
  const body = notice({ amount: '2.01' })

  it('is answered with the first answer’s bytes, and says that it is a repeat', async () => {
    const first = await post(body, 'same')
    const second = await post(body, 'same')
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.bytes).toEqual(first.bytes)
    expect(second.headers['content-type']).toBe(first.headers['content-type'])
    expect(first.headers['idempotent-replayed']).toBeUndefined()
    expect(second.headers['idempotent-replayed']).toBe('true')
  })

  it('is one payment, and the repeat is kept as a duplicate', async () => {
    const { payments, outcomes } = await cameOf(body)
    expect(payments).toHaveLength(1)
    expect(outcomes).toEqual(['accepted', 'duplicate'])
  })

  it('is still known after a restart', async () => {
    const again = await giro.serve()
    const [payment] = (await cameOf(body)).payments
    const answer = await tell(again.url, body, withKey('same'))
    expect(answer.headers['idempotent-replayed']).toBe('true')
    expect(answer.json.id).toBe(payment.id)
    expect(await again.end()).toEqual({ code: 0, signal: null })
  })
})

describe('the same key with other content', () => {
  it.each([
    ['another amount', notice({ amount: '3.02' })],
    ['the same payment in other bytes', `${notice({ amount: '3.01' })} `],
  ])('is refused with 409 for %s: no money moves, and it is kept', async (what, other) => {
    const key = `conflict-${what.length}`
    const first = await post(notice({ amount: '3.01' }), key)
    expect(first.status).toBe(201)
    expectProblem(await post(other, key), { status: 409, code: 'idempotency_conflict' })
    expect(await cameOf(other)).toEqual({ payments: [], outcomes: ['refused'] })
    expect((await post(notice({ amount: '3.01' }), key)).bytes).toEqual(first.bytes)
  })
})

describe('many at once with one key', () => {
  it('are one payment when their content is the same, and all get the same bytes', async () => {
    const body = notice({ amount: '4.01' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(body, 'crowd')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ bytes }) => bytes.toString())).size).toBe(1)
    const replayed = answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')
    expect(replayed).toHaveLength(19)
    const { payments, outcomes } = await cameOf(body)
    expect(payments).toHaveLength(1)
    expect(outcomes).toEqual(['accepted', ...Array(19).fill('duplicate')])
  })

  it('are one payment when their content differs: one is taken, all others get 409', async () => {
    const bodies = Array.from({ length: 10 }, (_, i) => notice({ amount: `5.0${i}` }))
    const answers = await Promise.all(bodies.map((body) => post(body, 'quarrel')))
    const statuses = answers.map(({ status }) => status).toSorted()
    expect(statuses).toEqual([201, ...Array(9).fill(409)])
    const payments = await Promise.all(bodies.map(async (body) => (await cameOf(body)).payments))
    expect(payments.flat()).toHaveLength(1)
  })
})

describe('many at once with one key, at two servers on one database', () => {
  it('are one payment, and all get the same bytes', async () => {
    const other = await giro.serve()
    const body = notice({ amount: '4.02' })
    const urls = Array.from({ length: 20 }, (_, i) => [serving.url, other.url][i % 2] as string)
    const answers = await Promise.all(urls.map((url) => tell(url, body, withKey('divided'))))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ bytes }) => bytes.toString())).size).toBe(1)
    expect((await cameOf(body)).payments).toHaveLength(1)
    expect(await other.end()).toEqual({ code: 0, signal: null })
  })
})

describe('a key whose notice was refused', () => {
  it('may come again with it, and is taken once the reason is gone', async () => {
    const body = notice({ reference_number: 'late', amount: '6.01' })
    expectProblem(await post(body, 'again'), { status: 422, code: 'payer_unknown' })
    expectProblem(await post(body, 'again'), { status: 422, code: 'payer_unknown' })
    await serving.api.post('/payers', { id: 'late', name: 'Late' })
    const taken = await post(body, 'again')
    expect(taken.status).toBe(201)
    expect(taken.headers['idempotent-replayed']).toBeUndefined()
    const { payments, outcomes } = await cameOf(body)
    expect(payments).toHaveLength(1)
    expect(outcomes).toEqual(['accepted', 'refused', 'refused'])
  })

  it('may come again with other content too', async () => {
    expect((await post(notice({ amount: '-1' }), 'mended')).status).toBe(422)
    expect((await post(notice({ amount: '6.02' }), 'mended')).status).toBe(201)
  })
})

describe('a key', () => {
  it.each([
    ['of 255 visible characters', 'k'.repeat(255)],
    ['of every visible ASCII character', visibleAscii()],
  ])('%s is taken', async (_what, key) => {
    expect((await post(firstNotice, key)).status).toBe(201)
  })

  it.each([
    ['is empty', ''],
    ['has 256 characters', 'k'.repeat(256)],
    ['has a blank', 'two words'],
    ['has a tab', 'two\twords'],
    ['is not ASCII', 'clé'],
  ])('that %s is refused with 400, and the notice is kept', async (why, key) => {
    const body = notice({ note: why })
    expectProblem(await post(body, key), { status: 400, code: 'idempotency_key_invalid' })
    const { payments, outcomes } = await cameOf(body)
    expect(payments).toEqual([])
    expect(outcomes).toHaveLength(1)
  })

  it('that is sent twice is refused with 400', async () => {
    const answer = await tell(serving.url, firstNotice, { 'idempotency-key': ['one', 'two'] })
    expectProblem(answer, { status: 400, code: 'idempotency_key_invalid' })
  })
})

describe('after all this', () => {
  it('the books balance, and no fault was logged', async () => {
    await expectBooksToBalance(giro)
    expect(serving.logs().filter(({ level }) => Number(level) >= 50)).toEqual([])
  })
})

function visibleAscii(): string {
  return Array.from({ length: 0x7e - 0x20 }, (_, i) => String.fromCharCode(0x21 + i)).join('')
}
