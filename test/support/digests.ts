import type { Claimed } from '../../src/delivery/claim.ts'
import { claim } from '../../src/delivery/claim.ts'
import { claimDigest } from '../../src/delivery/claim-digest.ts'
import type { Sent } from '../../src/delivery/delivery.ts'
import { defaultRules } from '../../src/delivery/index.ts'
import { recordDigest } from '../../src/delivery/record-digest.ts'
import { createSlots } from '../../src/delivery/slots.ts'
import { settle } from '../../src/payment/index.ts'
import type { Database } from '../../src/platform/database/index.ts'
import { leaseMs } from './claiming.ts'
import { openRoad, type Road } from './road.ts'

export const address = 'books@partner.example'

/** A road to a partner with one e-mail route, which tells of payments together. */
export async function roadWithDigest(digest: 'hourly' | 'daily' | null = 'hourly') {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  await road.parties.createPartner({ account_id: 'partner1', name: 'a partner' })
  const given = { notify_method: 'email', contact_path: address, digest } as const
  const { route } = await road.parties.createRoute('partner1', given)
  return { ...road, route }
}

/** Claims as one daemon does, until nothing is due. */
export async function claimDigests(road: Road, database = road.database): Promise<Claimed[]> {
  const { clock, newId } = road
  const all: Claimed[] = []
  for (;;) {
    const slots = createSlots(10)
    const lease = { claimId: newId('clm'), now: clock.now(), leaseMs, slots, held: [] }
    const { claimed, inDigests } = await database.write((db) => claim(db, lease))
    all.push(...claimed)
    for (const found of inDigests) {
      const own = { ...lease, digestId: newId('dig') }
      const one = await database.write((db) => claimDigest(db, found, own))
      if (one) all.push(one)
    }
    if (claimed.length + inDigests.length === 0) return all
  }
}

export const delivered: Sent = {
  delivered: true,
  stage: 'after',
  status: 250,
  error: null,
  answer: '250 ok',
}
export const failed: Sent = {
  delivered: false,
  stage: 'before',
  status: 451,
  error: 'no',
  answer: '451 no',
}

/** Writes down what one daemon's try of a digest came to. */
export function recordTry(
  { clock, tools }: Road,
  database: Database,
  { delivery, route, digest }: Claimed,
  sent: Sent,
) {
  if (digest === null) throw new Error('it is no digest')
  const tried = { delivery, route, sent, startDate: clock.now(), durationMs: 1, recent: [] }
  return recordDigest(database, digest, tried, {
    ...tools,
    random: () => 0.5,
    schedule: [0, 5000, 300_000],
    rules: defaultRules,
    onDone: (db, done) => settle(db, done, tools),
  })
}

export function paymentsIn({ digest }: Claimed): string[] {
  return (digest?.members ?? []).map(({ delivery }) => delivery.paymentId)
}
