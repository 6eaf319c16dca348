import type { NotifyMethod } from '../party/index.ts'
import { longestSleepMs } from '../platform/alarm.ts'
import { type Database, groupCommit } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { looping } from '../platform/loop.ts'
import type { Random } from '../platform/random.ts'
import type { Vault } from '../platform/secret.ts'
import { type Service, service } from '../platform/service.ts'
import type { Tools } from '../platform/tools.ts'
import type { Rules } from './breaker.ts'
import type { Channel } from './channels/channel.ts'
import { claim } from './claim.ts'
import { claimDigest } from './claim-digest.ts'
import type { Delivery } from './delivery.ts'
import { createFlights } from './flights.ts'
import { createOutlook } from './outlook.ts'
import { type OnDone, record, type Tried } from './record.ts'

type Deps = Tools & {
  database: Database
  channels: Record<NotifyMethod, Channel>
  vault: Vault
  random: Random
  log: Log
  onDone: OnDone
  schedule: number[]
  timeoutMs: number
  leaseMs: number
  concurrency: number
  rules: Rules
}

const pauseMs = 1000
const hurryMs = 100

/**
 * The daemon's half of delivery: while slots are free and something is due, it claims, sends and
 * records. It sleeps until a commit announces deliveries, a slot gets free, or the next is due.
 * Sending is outside any transaction. It is in a hurry while it claims again and again.
 */
export function createLanes(deps: Deps): Service & { wake(): void; hurry(): boolean } {
  const { database, channels, clock, newId, log, leaseMs } = deps
  const outlook = createOutlook(database)
  const stopping = new AbortController()
  const recordTogether = groupCommit(database, {
    work: (db, tried: Tried[]) => record(db, tried, deps),
  })
  const inTheAir = { ...deps, record: recordTogether, stopping: stopping.signal }
  const flights = createFlights(inTheAir, () => loop.wake())
  const { slots } = flights
  let claimedAt = Number.NEGATIVE_INFINITY

  /** Starts what is due and fits; says how long there is nothing to do unless a slot gets free. */
  async function claimSome(): Promise<number> {
    if (!flights.room()) return longestSleepMs
    const now = clock.now()
    const ahead = await outlook.next(slots.full(), now)
    if (ahead.next > now && !ahead.isMore) return ahead.next - now
    const claimId = newId('clm')
    const lease = { claimId, now, leaseMs, slots, held: ahead.held }
    const { claimed, inDigests, isMore } = await database.write((db) => claim(db, lease))
    if (claimed.length > 0) claimedAt = performance.now()
    outlook.claimed(ahead, { until: now + leaseMs, isMore })
    for (const one of claimed) flights.start(one)
    for (const found of inDigests) await startDigest(found, claimId, now)
    return 0
  }

  /** Under the claim that its lane let through. */
  async function startDigest(found: Delivery, claimId: string, now: number): Promise<void> {
    const lease = { claimId, digestId: newId('dig'), now, leaseMs }
    const one = await database.write((db) => claimDigest(db, found, lease))
    if (one) flights.start(one)
  }

  const loop = looping({
    look: claimSome,
    failed: (error) => log.error({ err: error }, 'deliveries could not be claimed'),
    pauseMs,
    listen: () => database.listen('deliveries', wake),
  })

  function wake() {
    outlook.heardNews()
    loop.wake()
  }

  const { start, stop } = service({
    start: loop.start,
    async stop() {
      stopping.abort()
      await loop.stop()
      await flights.ended()
      for (const channel of Object.values(channels)) await channel.close()
    },
  })
  return { start, stop, wake, hurry: () => performance.now() - claimedAt < hurryMs }
}
