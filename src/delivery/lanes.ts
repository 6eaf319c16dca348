import { setImmediate as turn } from 'node:timers/promises'
import type { NotifyMethod } from '../party/index.ts'
import { longestSleepMs } from '../platform/alarm.ts'
import type { Database } from '../platform/database/index.ts'
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
import type { OnDone } from './record.ts'

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

/**
 * The daemon's half of delivery: while slots are free and something is due, it claims, sends and
 * records. It sleeps until a commit announces deliveries, a slot gets free, or the next is due.
 * Sending is outside any transaction.
 */
export function createLanes(deps: Deps): Service & { wake(): void } {
  const { database, channels, clock, newId, log, leaseMs } = deps
  const outlook = createOutlook(database)
  const stopping = new AbortController()
  const flights = createFlights({ ...deps, stopping: stopping.signal }, () => loop.wake())
  const { slots } = flights

  /** Starts what is due and fits; says how long there is nothing to do unless a slot gets free. */
  async function claimSome(): Promise<number> {
    // Answers that are there already are heard first: one claim for all their slots.
    await turn()
    if (!flights.room()) return longestSleepMs
    const now = clock.now()
    const { next, held } = await outlook.next(slots.full(), now)
    if (next > now) return next - now
    const claimId = newId('clm')
    const lease = { claimId, now, leaseMs, slots, held }
    const { claimed, inDigests } = await database.write((db) => claim(db, lease))
    outlook.claimedUntil(now + leaseMs)
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
  return { start, stop, wake }
}
