import type { NotifyMethod } from '../party/index.ts'
import { createAlarm, longestSleepMs } from '../platform/alarm.ts'
import { type Database, groupCommit } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import type { Random } from '../platform/random.ts'
import type { Vault } from '../platform/secret.ts'
import { type Service, service } from '../platform/service.ts'
import type { Tools } from '../platform/tools.ts'
import type { Channel } from './channels/channel.ts'
import { type Claimed, claim } from './claim.ts'
import { type OnDone, record, type Tried } from './record.ts'
import { send } from './send.ts'
import { createSlots } from './slots.ts'
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

/**
 * The daemon's half of delivery: while slots are free and something is due, it claims, sends and
 * records. It sleeps until a commit announces deliveries, a slot gets free, or the next is due.
 * Sending is outside any transaction; results that come together are recorded together.
 */
export function createLanes(deps: Deps): Service & { wake(): void } {
  const { database, channels, clock, newId, log, concurrency, leaseMs } = deps
  const recordOne = groupCommit(database, { work: (db, tried: Tried[]) => record(db, tried, deps) })
  const underWay = new Set<Promise<void>>()
  const slots = createSlots(concurrency)
  const alarm = createAlarm()
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  let unlisten = () => {}

  async function run() {
    while (!stopping.signal.aborted) {
      alarm.set()
      const restMs = await claimSome().catch((error) => {
        log.error({ err: error }, 'deliveries could not be claimed')
        return firstPauseMs
      })
      await alarm.slept(restMs)
    }
  }

  /** Starts what is due and fits; says how long there is nothing to do unless the alarm rings. */
  async function claimSome(): Promise<number> {
    if (slots.free() === 0) return longestSleepMs
    const now = clock.now()
    const nextDue = await database.read((db) => store.nextDue(db, slots.full()))
    if (nextDue === null) return longestSleepMs
    if (nextDue > now) return nextDue - now
    const claimId = newId('clm')
    const claimed = await database.write((db) => claim(db, { claimId, now, leaseMs, slots }))
    for (const one of claimed) start(one)
    return 0
  }

  function start(one: Claimed) {
    const { routeId } = one.delivery
    slots.take(routeId)
    const work = send(one, { ...deps, record: recordOne, stopping: stopping.signal }).then(
      (delivered) => {
        slots.release(routeId, delivered)
        underWay.delete(work)
        alarm.ring()
      },
    )
    underWay.add(work)
  }

  const { start: begin, stop } = service({
    async start() {
      unlisten = database.listen('deliveries', alarm.ring)
      loop = run()
    },
    async stop() {
      unlisten()
      stopping.abort()
      alarm.ring()
      await loop
      await Promise.all(underWay)
      for (const channel of Object.values(channels)) await channel.close()
    },
  })
  return { start: begin, stop, wake: alarm.ring }
}
