import { describe, expect, it } from '@jest/globals'
import { deliveries } from '../../src/delivery/index.ts'
import { events } from '../../src/event/index.ts'
import { idempotencyKeys } from '../../src/intake/index.ts'
import { type Heard, judge } from '../../src/intake/judge.ts'
import { transfers } from '../../src/ledger/index.ts'
import { payments } from '../../src/payment/index.ts'
import { type Reads, type Shape, sql, type Table } from '../../src/platform/database/index.ts'
import { proofs, spool } from '../../src/proof/index.ts'
import { openRoad, type Road } from '../support/road.ts'
import { expectBooksToBalance } from '../support/temp-database.ts'
import { heard } from '../support/test-bank.ts'

async function aRoad() {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  await road.partner('partner1', 1)
  return road
}

const judgeAll = (road: Road, ...notices: Heard[]) =>
  road.database.write((db) => judge(db, notices, { ...road.tools, firstDelayMs: () => 0 }))

const all = <S extends Shape>(db: Reads, table: Table<S>) => db.select(table, sql`WHERE 1 = 1`)

const stored = (road: Road) =>
  road.database.read(async (db) => ({
    proofs: await all(db, proofs),
    spooled: await all(db, spool),
    payments: await all(db, payments),
    transfers: await all(db, transfers),
    deliveries: await all(db, deliveries),
    events: await all(db, events),
    keys: await all(db, idempotencyKeys),
  }))

describe('judging a notice', () => {
  it('keeps it, books it, and has its partner told, all in one transaction', async () => {
    const road = await aRoad()
    const notice = heard(road, 'payer1 partner1 5500')
    const [verdict] = await judgeAll(road, notice)
    expect(verdict).toMatchObject({ outcome: 'accepted', replayed: false, answer: { status: 201 } })
    const now = await stored(road)
    expect(now.proofs).toMatchObject([{ id: notice.original.id, outcome: 'accepted' }])
    expect(now.spooled).toMatchObject([{ body: notice.original.body }])
    expect(now.payments).toMatchObject([
      { id: notice.paymentIds[0], status: 'received', proofId: notice.original.id, amount: 5500n },
    ])
    expect(now.transfers).toMatchObject([
      {
        id: now.payments[0]?.transferId,
        debitAccount: 'settlement:lines_bank:USD',
        creditAccount: 'partner:partner1:USD',
        amount: 5500n,
      },
    ])
    expect(now.deliveries).toMatchObject([{ paymentId: notice.paymentIds[0], status: 'pending' }])
    await expectBooksToBalance(road.database)
  })

  it('leaves nothing of it when the unit fails', async () => {
    const road = await aRoad()
    const before = await stored(road)
    const unit = road.database.write(async (db) => {
      await judge(db, [heard(road, 'payer1 partner1 1')], { ...road.tools, firstDelayMs: () => 0 })
      throw new Error('the machine failed')
    })
    await expect(unit).rejects.toThrow('the machine failed')
    expect(await stored(road)).toEqual(before)
  })

  it('keeps it also when it is refused or cannot be read', async () => {
    const road = await aRoad()
    const verdicts = await judgeAll(
      road,
      heard(road, 'nonsense'),
      heard(road, 'wrong'),
      heard(road, 'nobody partner1 1'),
      heard(road, 'payer1 nobody 1'),
    )
    expect(
      verdicts.map(({ outcome, answer }) => [outcome, answer.ok || answer.refusal.code]),
    ).toEqual([
      ['unreadable', 'json_unreadable'],
      ['refused', 'invalid'],
      ['refused', 'payer_unknown'],
      ['refused', 'partner_unknown'],
    ])
    const now = await stored(road)
    expect(now.spooled).toHaveLength(4)
    expect(now.payments).toEqual([])
    const told = now.events.filter(({ type }) => type === 'notice.refused')
    expect(told.map(({ subject }) => subject)).toEqual(now.proofs.map(({ id }) => id))
    await expectBooksToBalance(road.database)
  })

  it('names both parties when both are unknown, the payer first', async () => {
    const road = await aRoad()
    const [verdict] = await judgeAll(road, heard(road, 'nobody nobody 1'))
    expect(verdict?.decisions).toMatchObject([
      { objections: [{ code: 'payer_unknown' }, { code: 'partner_unknown' }] },
    ])
  })

  it('takes two equal notices that name no transaction for two payments', async () => {
    const road = await aRoad()
    const again = () => heard(road, 'payer1 partner1 5500')
    await judgeAll(road, again(), again())
    await judgeAll(road, again())
    expect((await stored(road)).payments).toHaveLength(3)
    await expectBooksToBalance(road.database)
  })

  it('answers in the order of asking', async () => {
    const road = await aRoad()
    const texts = ['payer1 partner1 1', 'wrong', 'payer1 partner1 2', 'nobody partner1 3', '']
    const notices = texts.map((text) => heard(road, text))
    const verdicts = await judgeAll(road, ...notices)
    expect(verdicts.map(({ answer }) => (answer.ok ? answer.body : answer.refusal.code))).toEqual([
      `recorded ${notices[0]?.paymentIds[0]}`,
      'invalid',
      `recorded ${notices[2]?.paymentIds[0]}`,
      'payer_unknown',
      '',
    ])
  })
})

describe('several readings in one notice', () => {
  it('may be none, and the notice is kept as accepted', async () => {
    const road = await aRoad()
    const [verdict] = await judgeAll(road, heard(road, ''))
    expect(verdict).toMatchObject({ outcome: 'accepted', decisions: [], answer: { ok: true } })
    expect((await stored(road)).proofs).toHaveLength(1)
  })

  it('are decided one by one', async () => {
    const road = await aRoad()
    const lines = ['payer1 partner1 1 t1', 'nobody partner1 2 t2', 'payer1 partner1 3 t3']
    const notice = heard(road, lines.join('\n'))
    const [verdict] = await judgeAll(road, notice)
    expect(verdict).toMatchObject({
      outcome: 'accepted',
      decisions: [{ status: 'recorded' }, { status: 'refused' }, { status: 'recorded' }],
    })
    const now = await stored(road)
    expect(now.payments.map(({ id, amount }) => [id, amount])).toEqual([
      [notice.paymentIds[0], 1n],
      [notice.paymentIds[2], 3n],
    ])
    expect(new Set(now.payments.map(({ proofId }) => proofId))).toEqual(
      new Set([notice.original.id]),
    )
    await expectBooksToBalance(road.database)
  })

  it.each([
    ['payer1 partner1 1 t1\npayer1 partner1 1 t1', ['recorded', 'duplicate'], 'accepted'],
    ['payer1 partner1 1 t1\npayer1 partner1 2 t1', ['recorded', 'refused'], 'accepted'],
    ['nobody partner1 1 t1\npayer1 partner1 1 t1', ['refused', 'recorded'], 'accepted'],
    ['payer1 partner1 1 t1\nnobody partner1 1 t1', ['recorded', 'refused'], 'accepted'],
    ['nobody partner1 1\nnobody partner1 1', ['refused', 'refused'], 'refused'],
  ])(
    'find each other by the transaction that the bank names: %j',
    async (text, statuses, outcome) => {
      const road = await aRoad()
      const [verdict] = await judgeAll(road, heard(road, text))
      expect(verdict?.decisions.map(({ status }) => status)).toEqual(statuses)
      expect(verdict?.outcome).toBe(outcome)
      const recorded = statuses.filter((status) => status === 'recorded').length
      expect((await stored(road)).payments).toHaveLength(recorded)
      await expectBooksToBalance(road.database)
    },
  )
})

describe("the bank's transaction", () => {
  const first = 'payer1 partner1 5500 t1'

  it.each(['in one batch', 'one after the other'])('told again is a duplicate, %s', async (how) => {
    const road = await aRoad()
    const notices = [heard(road, first), heard(road, first)] as const
    const verdicts =
      how === 'in one batch'
        ? await judgeAll(road, ...notices)
        : [...(await judgeAll(road, notices[0])), ...(await judgeAll(road, notices[1]))]
    const id = notices[0].paymentIds[0]
    expect(verdicts.map(({ outcome, answer }) => [outcome, answer.ok && answer.body])).toEqual([
      ['accepted', `recorded ${id}`],
      ['duplicate', `duplicate ${id}`],
    ])
    const now = await stored(road)
    expect(now.payments).toHaveLength(1)
    expect(now.proofs.map(({ outcome }) => outcome).toSorted()).toEqual(['accepted', 'duplicate'])
    expect(now.events.filter(({ type }) => type === 'notice.duplicate')).toHaveLength(1)
    await expectBooksToBalance(road.database)
  })

  it.each([
    ['amount', 'payer1 partner1 5501 t1'],
    ['payer', 'payer2 partner1 5500 t1'],
    ['partner', 'payer1 partner2 5500 t1'],
    ['unknown payer', 'nobody partner1 5500 t1'],
  ])('told with another %s is a conflict, and no money moves', async (_, text) => {
    const road = await aRoad()
    await road.parties.createPayer({ id: 'payer2', name: 'another' })
    await road.partner('partner2', 0)
    await judgeAll(road, heard(road, first))
    const [verdict] = await judgeAll(road, heard(road, text))
    expect(verdict).toMatchObject({
      outcome: 'refused',
      answer: { ok: false, refusal: { code: 'transaction_conflict' } },
    })
    expect((await stored(road)).payments).toHaveLength(1)
    await expectBooksToBalance(road.database)
  })

  it('that was refused may be told again, and is taken once its payer is known', async () => {
    const road = await aRoad()
    const text = 'payer2 partner1 5500 t1'
    await judgeAll(road, heard(road, text))
    await road.parties.createPayer({ id: 'payer2', name: 'late' })
    const [verdict] = await judgeAll(road, heard(road, text))
    expect(verdict?.decisions).toMatchObject([{ status: 'recorded' }])
    await expectBooksToBalance(road.database)
  })
})
