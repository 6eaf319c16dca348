import { policyOf } from '../party/index.ts'
import type { Database } from '../platform/database/index.ts'
import type { Vault } from '../platform/secret.ts'
import type { Claimed } from './claim.ts'
import type { Digest } from './digest.ts'
import { gather } from './gather.ts'
import { routeOpener } from './open-route.ts'
import { createRecent } from './recent.ts'
import type { Recorded, Tried } from './record.ts'
import { recordDigest } from './record-digest.ts'
import { send } from './send.ts'
import { createSlots } from './slots.ts'

type Deps = Omit<Parameters<typeof send>[1], 'answered' | 'record' | 'open'> &
  Parameters<typeof recordDigest>[3] & {
    database: Database
    vault: Vault
    record: (tried: Tried) => Promise<Recorded>
    concurrency: number
  }

/** What lasts longer does not keep others waiting. */
const lastsMs = 250

/**
 * What was claimed, until it is recorded. A slot is free again when the partner was told, so that
 * recording goes on beside the next attempts; results that come together are recorded together.
 * After a failure it is free when that is recorded: the lane may let nothing through from then on.
 * `freed` is called when there may be room again.
 */
export function createFlights(deps: Deps, freed: () => void) {
  const { database, concurrency } = deps
  const recordAll = (digest: Digest) => (tried: Tried) =>
    recordDigest(database, digest, tried, deps)
  const underWay = new Set<Promise<void>>()
  const slots = createSlots(concurrency)
  const recordOne = gather(deps.record, {
    enough: (waiting) => 3 * waiting >= concurrency - slots.free(),
    passed: freed,
  })
  const recent = createRecent(deps.clock)
  const open = routeOpener(deps.vault)
  /** Where the database takes its time, what was answered and is not recorded yet is bounded. */
  const mostUnderWay = 2 * concurrency

  return {
    slots,
    /** Whether more may be claimed. */
    room: () => slots.free() > 0 && underWay.size - slots.without() < mostUnderWay,
    start(one: Claimed): void {
      const { delivery, route, digest } = one
      const { routeId } = delivery
      const { concurrency: most } = policyOf(route)
      slots.take({ routeId, concurrency: most, alone: digest !== null })
      let told = false
      let without = false
      const lasts = setTimeout(() => {
        without = slots.giveBack(routeId)
        if (without) freed()
      }, lastsMs)
      const answered = (delivered: boolean) => {
        clearTimeout(lasts)
        told = delivered
        recent.add(routeId, delivered)
        if (!told) return
        const isFull = slots.free() === 0
        slots.release(routeId, { delivered, without })
        if (isFull) freed()
      }
      const recordTry = (tried: Omit<Tried, 'recent'>) =>
        (digest === null ? recordOne : recordAll(digest))({ ...tried, recent: recent.of(routeId) })
      const work = send(one, { ...deps, open, answered, record: recordTry }).then(() => {
        if (!told) slots.release(routeId, { delivered: false, without })
        underWay.delete(work)
        freed()
      })
      underWay.add(work)
    },
    /** Resolves when all that was started is recorded. */
    ended: () => Promise.all(underWay),
  }
}
