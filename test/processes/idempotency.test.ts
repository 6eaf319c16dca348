import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell, withKey } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { everything } from '../support/http.ts'

const atOnce = 200

let giro: Giro
let servings: Serving[]

beforeAll(async () => {
  giro = await openGiro()
  servings = await Promise.all([giro.serve(), giro.serve()])
  const [first] = servings
  if (first) await registerSampleParties(first.api)
}, 60_000)

/** Sends so many notices at once to both processes in turn, all under one key. */
function tellBoth(key: string, bodyOf: (i: number) => string) {
  return Promise.all(
    Array.from({ length: atOnce }, (_, i) =>
      tell(servings[i % servings.length]?.url ?? '', bodyOf(i), withKey(key)),
    ),
  )
}

async function paymentsOf(amount: string) {
  const [serving] = servings
  const all = serving ? await everything(serving.api, '/payments') : []
  return all.filter((one) => one.amount.startsWith(amount))
}

describe('one Idempotency-Key at two processes at once', () => {
  it('is one payment and one answer for the same content', async () => {
    const answers = await tellBoth('same', () => notice({ amount: '7.01' }))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ bytes }) => bytes.toString())).size).toBe(1)
    const firsts = answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)
    expect(firsts).toHaveLength(1)
    expect(await paymentsOf('7.01')).toHaveLength(1)
    await expectBooksToBalance(giro)
  })

  it('is one payment and else a conflict for contents that all differ', async () => {
    const answers = await tellBoth('other', (i) => notice({ amount: `${8000 + i}` }))
    const taken = answers.filter(({ status }) => status === 201)
    expect(taken).toHaveLength(1)
    const others = answers.filter((answer) => !taken.includes(answer))
    expect(new Set(others.map(({ status, json }) => `${status} ${json.code}`))).toEqual(
      new Set(['409 idempotency_conflict']),
    )
    expect(await paymentsOf('8')).toMatchObject([{ id: taken[0]?.json.id }])
    await expectBooksToBalance(giro)
  })

  it('is one payment each for many keys that come in opposite orders', async () => {
    const [left, right] = servings
    const keys = Array.from({ length: atOnce }, (_, i) => i)
    const all = (serving: Serving | undefined, order: number[]) =>
      Promise.all(
        order.map((i) =>
          tell(serving?.url ?? '', notice({ amount: `${9000 + i}` }), withKey(`key${i}`)),
        ),
      )
    const [there, back] = await Promise.all([all(left, keys), all(right, keys.toReversed())])
    expect(new Set([...there, ...back].map(({ status }) => status))).toEqual(new Set([201]))
    expect(back.toReversed().map(({ bytes }) => `${bytes}`)).toEqual(
      there.map(({ bytes }) => `${bytes}`),
    )
    expect(await paymentsOf('9')).toHaveLength(atOnce)
    await expectBooksToBalance(giro)
  })
})
