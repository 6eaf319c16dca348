import { describe, expect, it } from '@jest/globals'
import { deliveries } from '../../src/delivery/index.ts'
import { events } from '../../src/event/index.ts'
import { type Arrival, payments, record } from '../../src/payment/index.ts'
import { type Reads, type Shape, sql, type Table } from '../../src/platform/database/index.ts'
import { arrival, openRoad, type Road } from '../support/road.ts'
import { expectBooksToBalance } from '../support/temp-database.ts'

async function aRoad() {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  await road.partner('partner1', 2)
  await road.partner('quiet', 0)
  return road
}

const recordAll = (road: Road, ...arrivals: Arrival[]) =>
  road.database.write((db) => record(db, arrivals, { ...road.tools, firstDelayMs: () => 0 }))

const all = <S extends Shape>(road: Road, table: Table<S>) =>
  road.database.read((db: Reads) => db.select(table, sql`ORDER BY id`))

describe('recording a payment', () => {
  it('asks for each delivery anew how long after the arrival it is first due', async () => {
    const road = await aRoad()
    const delays = [1000, 1200].values()
    const firstDelayMs = () => delays.next().value ?? 0
    await road.database.write((db) => record(db, [arrival(road)], { ...road.tools, firstDelayMs }))
    const due = (await all(road, deliveries)).map(
      ({ dueDate }) => (dueDate ?? 0) - road.clock.now(),
    )
    expect(due).toEqual([1000, 1200])
  })

  it('keeps what the bank said as it said it, and whom it was matched with', async () => {
    const road = await aRoad()
    const one = arrival(road, { paymentBankDate: '2026-11-20', bankTransactionId: 'T 1' })
    await recordAll(road, one)
    expect(await all(road, payments)).toMatchObject([
      {
        id: one.paymentId,
        referenceNumber: 'payer1',
        accountNumber: 'partner1',
        payerId: 'payer1',
        partnerId: 'partner1',
        paymentBankDate: '2026-11-20',
        bankTransactionId: 'T 1',
        paymentReceivedDate: road.clock.now(),
        paymentProcessedDate: null,
        processError: false,
        status: 'received',
      },
    ])
  })

  it('makes one delivery for each route of its partner, all of one event', async () => {
    const road = await aRoad()
    const one = arrival(road)
    await recordAll(road, one)
    const [payment] = await all(road, payments)
    const rows = await all(road, deliveries)
    expect(rows).toHaveLength(2)
    for (const row of rows)
      expect(row).toMatchObject({
        paymentId: one.paymentId,
        eventId: payment?.eventId,
        dueDate: road.clock.now(),
        attempts: 0,
      })
    expect(new Set(rows.map(({ routeId }) => routeId)).size).toBe(2)
  })

  it('tells in its event only what never changes, amounts with all their decimals', async () => {
    const road = await aRoad()
    const one = arrival(road, { money: { amount: 5500n, currency: 'USD' } })
    await recordAll(road, one)
    const told = (await all(road, events)).find(({ type }) => type === 'payment.received')
    expect(told).toMatchObject({ subject: one.paymentId, time: one.receivedDate })
    expect(JSON.parse(told?.data ?? '')).toEqual({
      payment: {
        id: one.paymentId,
        bank: 'test_bank',
        reference_number: 'payer1',
        account_number: 'partner1',
        amount: '55.00',
        currency: 'USD',
        payment_bank_date: null,
        payment_received_date: '2026-11-21T10:40:00.000Z',
        proof_sha256: one.proof.sha256,
      },
    })
  })

  it('is unrouted when its partner has no route, or none that is enabled', async () => {
    const road = await aRoad()
    await road.partner('disabled', 1)
    const [route] = (await road.database.read((db) =>
      db.rows(
        { id: deliveries.shape.id },
        sql`SELECT id FROM routes WHERE account_id = 'disabled'`,
      ),
    )) as [{ id: string }]
    await road.parties.changeRoute('disabled', route.id, { enabled: false })
    await recordAll(
      road,
      arrival(road, { accountNumber: 'quiet' }),
      arrival(road, { accountNumber: 'disabled' }),
    )
    expect((await all(road, payments)).map(({ status }) => status)).toEqual([
      'unrouted',
      'unrouted',
    ])
    expect(await all(road, deliveries)).toEqual([])
    await expectBooksToBalance(road.database)
  })

  it('is matched by every letter of a reference: no case, no blank is passed over', async () => {
    const road = await aRoad()
    const references = ['PAYER1', 'payer1 ', ' payer1', 'payer１', 'payer1\n']
    const decisions = await recordAll(
      road,
      ...references.map((referenceNumber) => arrival(road, { referenceNumber })),
    )
    expect(decisions.map(({ status }) => status)).toEqual(references.map(() => 'refused'))
    expect(await all(road, payments)).toEqual([])
  })

  it('decides many at once, each by itself', async () => {
    const road = await aRoad()
    const arrivals = Array.from({ length: 100 }, (_, i) =>
      arrival(road, {
        referenceNumber: i % 10 === 3 ? 'nobody' : 'payer1',
        accountNumber: i % 2 ? 'partner1' : 'quiet',
        money: { amount: BigInt(i + 1), currency: i % 3 ? 'USD' : 'JPY' },
      }),
    )
    const decisions = await recordAll(road, ...arrivals)
    expect(decisions.map(({ status }) => status)).toEqual(
      arrivals.map((_, i) => (i % 10 === 3 ? 'refused' : 'recorded')),
    )
    expect(await all(road, payments)).toHaveLength(90)
    await expectBooksToBalance(road.database)
  })

  it('is refused where a balance would leave 64 bits, and what fits is taken', async () => {
    const road = await aRoad()
    const most = 10n ** 18n - 1n
    const one = () => arrival(road, { money: { amount: most, currency: 'USD' } })
    const decisions = await recordAll(road, ...Array.from({ length: 11 }, one))
    expect(decisions.map(({ status }) => status)).toEqual([
      ...Array(9).fill('recorded'),
      'refused',
      'refused',
    ])
    expect(decisions[9]).toMatchObject({
      objections: [{ code: 'balance_out_of_range', field: 'money' }],
    })
    const small = arrival(road, { money: { amount: 1n, currency: 'USD' } })
    expect(await recordAll(road, small)).toMatchObject([{ status: 'recorded' }])
    await expectBooksToBalance(road.database)
  })

  it('is a fault under an id that is taken, and nothing of it is kept', async () => {
    const road = await aRoad()
    const one = arrival(road)
    await recordAll(road, one)
    await expect(recordAll(road, one)).rejects.toThrow(/unique|duplicate/i)
    expect(await all(road, payments)).toHaveLength(1)
    await expectBooksToBalance(road.database)
  })
})
