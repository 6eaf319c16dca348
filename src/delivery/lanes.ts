import type { NotifyMethod } from '../party/index.ts'
import { type Database, groupCommit } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import type { Random } from '../platform/random.ts'
import type { Vault } from '../platform/secret.ts'
import { type Service, service } from '../platform/service.ts'
import type { Tools } from '../platform/tools.ts'
import type { Channel } from './channels/channel.ts'
import { type Claimed, claim } from './claim.ts'
import { type OnDone, record, type Tried } from './record.ts'
import * as store from './store.ts'

type Deps = Tools & {
  database: Database
  channels: Record<NotifyMethod, Channel>
  vault: Vault
  random: Random
  log: Log
  onDone: OnDone
  schedule: number[]
  leaseMs: number
  concurrency: number
}

const firstPauseMs = 1000
/** Timers hold no more than 31 bits; looking once an hour costs nothing. */
const longestWaitMs = 3_600_000

/**
 * The daemon's half of delivery: while slots are free and something is due, it claims, sends and
 * records. It sleeps until a commit announces deliveries, a slot gets free, or the next is due.
 * Sending is outside any transaction; results that come together are recorded together.
 */
export function createLanes(deps: Deps): Service & { wake(): void } {
  const { database, channels, vault, clock, newId, log, concurrency, leaseMs } = deps
  const recordOne = groupCommit(database, { work: (db, tried: Tried[]) => record(db, tried, deps) })
  const underWay = new Set<Promise<void>>()
  let awake = Promise.withResolvers<void>()
  let stopping = false
  let loop: Promise<void> = Promise.resolve()
  let unlisten = () => {}
  const wake = () => awake.resolve()

  async function run() {
    while (!stopping) {
      awake = Promise.withResolvers()
      try {
        await waitFor(await claimSome())
      } catch (error) {
        log.error({ err: error }, 'deliveries could not be claimed')
        await waitFor(firstPauseMs)
      }
    }
  }

  /** Starts what is due and fits; says how long there is nothing to do unless somebody wakes us. */
  async function claimSome(): Promise<number> {
    if (underWay.size >= concurrency) return longestWaitMs
    const now = clock.now()
    const nextDue = await database.read(store.nextDue)
    if (nextDue === null) return longestWaitMs
    if (nextDue > now) return nextDue - now
    const claimId = newId('clm')
    const claimed = await database.write((db) =>
      claim(db, { claimId, now, leaseMs, limit: concurrency - underWay.size }),
    )
    for (const one of claimed) start(one)
    return 0
  }

  function start(one: Claimed) {
    const work = deliver(one).finally(() => {
      underWay.delete(work)
      wake()
    })
    underWay.add(work)
  }

  async function deliver({ delivery, event, route }: Claimed) {
    const startDate = clock.now()
    const began = performance.now()
    try {
      const secret = route.secret === null ? null : vault.open(route.secret)
      const message = { deliveryId: delivery.id, event, route, secret }
      const sent = await channels[route.notifyMethod].send(message)
      const durationMs = Math.round(performance.now() - began)
      const result = await recordOne({ delivery, sent, startDate, durationMs })
      const facts = {
        partner: delivery.accountId,
        by: route.notifyMethod,
        payment: delivery.paymentId,
        attempt: delivery.attempts,
        duration_ms: durationMs,
        ...(sent.status !== null && { status: sent.status }),
      }
      if (sent.delivered) log.info(facts, 'partner told')
      else
        log.warn(
          { ...facts, delivery: delivery.id, error: sent.error, delivery_is: result },
          'partner not reached',
        )
    } catch (error) {
      // The lease ends by itself; whoever claims it then tries again.
      log.error({ err: error, delivery: delivery.id }, 'delivery could not be recorded')
    }
  }

  async function waitFor(ms: number) {
    if (ms <= 0) return
    const timer = setTimeout(wake, Math.min(ms, longestWaitMs))
    await awake.promise
    clearTimeout(timer)
  }

  const { start: begin, stop } = service({
    async start() {
      unlisten = database.listen('deliveries', wake)
      loop = run()
    },
    async stop() {
      unlisten()
      stopping = true
      wake()
      await loop
      await Promise.all(underWay)
      for (const channel of Object.values(channels)) await channel.close()
    },
  })
  return { start: begin, stop, wake }
}
