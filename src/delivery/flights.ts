import { type Database, type Db, groupCommit } from '../platform/database/index.ts'
import type { Claimed } from './claim.ts'
import type { Digest } from './digest.ts'
import { gather } from './gather.ts'
import { record, type Tried } from './record.ts'
import { recordDigest } from './record-digest.ts'
import { send } from './send.ts'
import { createSlots } from './slots.ts'

type Deps = Omit<Parameters<typeof send>[1], 'answered' | 'record'> &
  Parameters<typeof record>[2] & { database: Database; concurrency: number }

/**
 * What was claimed, until it is recorded. A slot is free again when the partner has answered, so
 * that recording goes on beside the next attempts; results that come together are recorded
 * together. `freed` is called when there may be room again.
 */
export function createFlights(deps: Deps, freed: () => void) {
  const { database, concurrency } = deps
  const recordAll = (digest: Digest) => (tried: Tried) =>
    recordDigest(database, digest, tried, deps)
  const underWay = new Set<Promise<void>>()
  const slots = createSlots(concurrency)
  const recordSome = (db: Db, tried: Tried[]) => record(db, tried, deps)
  const recordOne = gather(groupCommit(database, { work: recordSome }), {
    most: Math.max(1, Math.floor(concurrency / 4)),
    moreComes: () => slots.free() < concurrency,
  })
  /** Where the database takes its time, what was answered and is not recorded yet is bounded. */
  const mostUnderWay = 2 * concurrency

  return {
    slots,
    /** Whether more may be claimed. */
    room: () => slots.free() > 0 && underWay.size < mostUnderWay,
    start(one: Claimed): void {
      const { delivery, digest } = one
      const { routeId } = delivery
      slots.take(routeId, digest !== null)
      const answered = (delivered: boolean) => {
        slots.release(routeId, delivered)
        freed()
      }
      const recordTry = digest === null ? recordOne : recordAll(digest)
      const work = send(one, { ...deps, answered, record: recordTry }).then(() => {
        underWay.delete(work)
        freed()
      })
      underWay.add(work)
    },
    /** Resolves when all that was started is recorded. */
    ended: () => Promise.all(underWay),
  }
}
