import { randomBytes } from 'node:crypto'
import { revokeKeysOf } from '../../src/access/index.ts'
import * as delivery from '../../src/delivery/index.ts'
import { createParties } from '../../src/party/index.ts'
import * as payment from '../../src/payment/index.ts'
import type { Database, Db } from '../../src/platform/database/index.ts'
import { everyones } from '../../src/platform/own.ts'
import { createVault } from '../../src/platform/secret.ts'
import type { Tools } from '../../src/platform/tools.ts'
import { guardFor } from './guard.ts'
import { manualClock } from './manual-clock.ts'
import { tempDatabase } from './temp-database.ts'

export type Road = Awaited<ReturnType<typeof openRoad>>

/** The rooms of a payment's road on a database of their own, without doors and without a daemon. */
export async function openRoad() {
  const { clock, newId } = manualClock()
  const tools = { clock, newId }
  const { place, database } = await tempDatabase(clock)
  const vault = createVault(randomBytes(32))
  const guard = guardFor()
  const inUse = {
    payer: payment.anyWithReference,
    partner: payment.anyWithAccount,
    route: delivery.anyOnRoute,
  }
  const hooks = {
    lanes: delivery.keepLanes(tools),
    leaseMs: 60_000,
    onPartnerRemoved: (db: Db, accountId: string) => revokeKeysOf(db, accountId, tools),
    onOrdered: delivery.reorder,
  }
  const parties = createParties({ ...tools, database, vault, guard, inUse, ...hooks })
  const redeliver = (id: string) =>
    delivery.redeliver({ ...tools, database, onReopened: payment.reopen }, everyones, id)

  /** A partner with so many API routes. */
  async function partner(accountId: string, routes: number) {
    await parties.createPartner({ account_id: accountId, name: 'a partner' })
    for (let i = 0; i < routes; i += 1)
      await parties.createRoute(accountId, {
        notify_method: 'api',
        contact_path: `http://127.0.0.1:9/${i}`,
      })
  }

  const parts = { clock, newId, tools, place, database, vault, guard, parties }
  return { ...parts, hooks, partner, redeliver }
}

/** A road with one payer, and with partners of one API route each. */
export async function roadTo(...partners: string[]): Promise<Road> {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  for (const partner of partners) await road.partner(partner, 1)
  return road
}

export function reading(change: Partial<payment.Reading> = {}): payment.Reading {
  return {
    referenceNumber: 'payer1',
    accountNumber: 'partner1',
    money: { amount: 5500n, currency: 'USD' },
    paymentBankDate: null,
    bankTransactionId: null,
    ...change,
  }
}

/** A reading on its way in; its proof is told of, not kept. */
export function arrival(
  { clock, newId }: Tools,
  change: Partial<payment.Reading> = {},
): payment.Arrival {
  const id = newId('prf')
  return {
    paymentId: newId('pay'),
    bank: 'test_bank',
    proof: { id, key: `test_bank/2026/11/21/${id}.bin`, sha256: '0'.repeat(64) },
    receivedDate: clock.now(),
    reading: reading(change),
  }
}

type By = { to?: string; tools?: Tools; database?: Database }

/** Payments come, in one unit, and are due at once; their ids in the order of their events. */
export async function arrive(
  road: Road,
  count = 1,
  { to = 'partner1', tools = road.tools, database = road.database }: By = {},
): Promise<string[]> {
  const arrivals = Array.from({ length: count }, () => arrival(tools, { accountNumber: to }))
  await database.write((db) => payment.record(db, arrivals, { ...tools, firstDelayMs: () => 0 }))
  return arrivals.map(({ paymentId }) => paymentId)
}
