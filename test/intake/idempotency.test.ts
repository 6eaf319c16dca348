import { describe, expect, it } from '@jest/globals'
import { bank } from '../../src/intake/bank.ts'
import { idempotencyKeys } from '../../src/intake/index.ts'
import { type Heard, judge } from '../../src/intake/judge.ts'
import { payments } from '../../src/payment/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { proofs } from '../../src/proof/index.ts'
import { openRoad, type Road } from '../support/road.ts'
import { expectBooksToBalance } from '../support/temp-database.ts'
import { heard, linesBank } from '../support/test-bank.ts'

async function aRoad() {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  await road.partner('partner1', 1)
  return road
}

const judgeAll = (road: Road, ...notices: Heard[]) =>
  road.database.write((db) => judge(db, notices, { ...road.tools, firstDelayMs: () => 0 }))

const stored = (road: Road) =>
  road.database.read(async (db) => ({
    payments: await db.select(payments, sql`WHERE 1 = 1`),
    proofs: await db.select(proofs, sql`ORDER BY id`),
    keys: await db.select(idempotencyKeys, sql`WHERE 1 = 1`),
  }))

const text = 'payer1 partner1 5500'

/** What a client that sends the same key again may have changed in between. */
const repeats = ['in one batch', 'one after the other'] as const

async function judgedTwice(road: Road, how: (typeof repeats)[number], a: Heard, b: Heard) {
  const [first, second] =
    how === 'in one batch'
      ? await judgeAll(road, a, b)
      : [...(await judgeAll(road, a)), ...(await judgeAll(road, b))]
  if (!first || !second) throw new Error('each notice is judged')
  return { first, second }
}

describe.each(repeats)('an Idempotency-Key used twice %s', (how) => {
  it('gets the same answer again for the same content, and one payment', async () => {
    const road = await aRoad()
    const { first, second } = await judgedTwice(
      road,
      how,
      heard(road, text, 'k'),
      heard(road, text, 'k'),
    )
    expect(first).toMatchObject({ outcome: 'accepted', replayed: false })
    expect(second).toMatchObject({ outcome: 'duplicate', replayed: true })
    expect(second.answer).toEqual(first.answer)
    const now = await stored(road)
    expect(now.payments).toHaveLength(1)
    expect(now.proofs.map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate'])
    await expectBooksToBalance(road.database)
  })

  it.each([
    ['good', 'payer1 partner1 5501'],
    ['refused by itself', 'nobody partner1 5500'],
    ['of a wrong shape', 'wrong'],
    ['unreadable', 'nonsense'],
  ])('is a conflict for content that is other and %s', async (_, other) => {
    const road = await aRoad()
    const { second } = await judgedTwice(road, how, heard(road, text, 'k'), heard(road, other, 'k'))
    expect(second).toMatchObject({
      outcome: 'refused',
      replayed: false,
      answer: { ok: false, refusal: { code: 'idempotency_conflict' } },
    })
    const now = await stored(road)
    expect(now.payments).toHaveLength(1)
    expect(now.proofs.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused'])
    await expectBooksToBalance(road.database)
  })

  it('is free again after a refusal, for the same content and for other', async () => {
    const road = await aRoad()
    const refused = heard(road, 'nobody partner1 5500', 'k')
    const { first, second } = await judgedTwice(road, how, refused, heard(road, text, 'k'))
    expect(first).toMatchObject({ outcome: 'refused' })
    expect(second).toMatchObject({ outcome: 'accepted', replayed: false })
    expect((await stored(road)).keys).toHaveLength(1)
    await expectBooksToBalance(road.database)
  })

  it('is no conflict between two banks', async () => {
    const road = await aRoad()
    const otherBank = bank({ ...linesBank, name: 'other_bank' })
    const other = { ...heard(road, text, 'k'), bank: otherBank }
    const { first, second } = await judgedTwice(road, how, heard(road, text, 'k'), other)
    expect([first.outcome, second.outcome]).toEqual(['accepted', 'accepted'])
    expect((await stored(road)).payments).toHaveLength(2)
    await expectBooksToBalance(road.database)
  })
})

describe('an Idempotency-Key', () => {
  it('is compared as it is, letter by letter', async () => {
    const road = await aRoad()
    const verdicts = await judgeAll(road, heard(road, text, 'k'), heard(road, text, 'K'))
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted'])
  })

  it('answers every repeat of a batch, whatever else is in it', async () => {
    const road = await aRoad()
    const notices = [
      heard(road, text, 'a'),
      heard(road, text, 'b'),
      heard(road, text, 'a'),
      heard(road, text),
      heard(road, 'payer1 partner1 1', 'a'),
      heard(road, text, 'b'),
      heard(road, text, 'a'),
    ]
    const verdicts = await judgeAll(road, ...notices)
    expect(verdicts.map(({ outcome }) => outcome)).toEqual([
      'accepted',
      'accepted',
      'duplicate',
      'accepted',
      'refused',
      'duplicate',
      'duplicate',
    ])
    expect(verdicts[2]?.answer).toEqual(verdicts[0]?.answer)
    expect(verdicts[6]?.answer).toEqual(verdicts[0]?.answer)
    expect(verdicts[5]?.answer).toEqual(verdicts[1]?.answer)
    expect((await stored(road)).payments).toHaveLength(3)
    await expectBooksToBalance(road.database)
  })

  it('remembers the first answer as it was, whatever became of the payment since', async () => {
    const road = await aRoad()
    const [first] = await judgeAll(road, heard(road, text, 'k'))
    await road.database.write((db) =>
      db.run(sql`UPDATE payments SET status = 'failed', process_error = TRUE`),
    )
    const [again] = await judgeAll(road, heard(road, text, 'k'))
    expect(again?.answer).toEqual(first?.answer)
  })

  it('does not hide that a transaction was told before under another key', async () => {
    const road = await aRoad()
    const line = `${text} t1`
    const verdicts = await judgeAll(road, heard(road, line, 'a'), heard(road, line, 'b'))
    expect(verdicts.map(({ outcome, replayed }) => [outcome, replayed])).toEqual([
      ['accepted', false],
      ['duplicate', false],
    ])
    expect((await stored(road)).payments).toHaveLength(1)
    await expectBooksToBalance(road.database)
  })
})
