import { AsyncLocalStorage } from 'node:async_hooks'
import { invariant } from '../invariant.ts'
import type { Database } from './database.ts'
import type { Db } from './db.ts'
import { DatabaseUnavailable } from './failure.ts'
import { maxItems, rejectAll, rejectLate, takeBatch, type Waiting } from './waiting.ts'

type Options<In, Out> = {
  /** Does the work of all items in one transaction and answers each, in their order. */
  work: (db: Db, items: In[]) => Promise<Out[]>
  /** Bytes an item brings along; a batch is bounded by their sum. */
  sizeOf?: (item: In) => number
  /** Who asks is told by then that the database did not answer; the work may still be done. */
  limitMs?: number
}

/** How often it is looked for items that have waited for too long. */
const lookMs = 500

/**
 * Lets items that arrive together share one transaction and one fsync. What waits when the gate is
 * free is the batch, so a lone item is not delayed. A batch fails only by a fault, since refusals
 * are answers; then its members are tried one by one, so that one bad item harms no other.
 *
 * Runners take batches, one on SQLite, a few elsewhere. At most one of them is about to take: the
 * next starts when that one has taken and items wait again. A runner ends when none do.
 */
export function groupCommit<In, Out>(
  database: Database,
  { work, sizeOf, limitMs = Number.POSITIVE_INFINITY }: Options<In, Out>,
) {
  const queue: Waiting<In, Out>[] = []
  const underWay = new Set<Waiting<In, Out>[]>()
  let runners = 0
  let taking = false
  let looking: NodeJS.Timeout | undefined
  /** A runner that is started within another's unit is not part of it. */
  const outside = AsyncLocalStorage.snapshot()

  function startRunner() {
    if (taking || runners === database.writers || queue.length === 0) return
    taking = true
    runners += 1
    looking ??= setInterval(() => rejectLate(queue, underWay, limitMs), lookMs)
    void outside(run)
  }

  async function run() {
    await untilQuiet(queue)
    const batch: Waiting<In, Out>[] = []
    try {
      const outs = await database.write((db) => {
        // A unit that is repeated keeps the batch it took the first time.
        if (batch.length === 0) takeInto(batch)
        return workOn(db, batch)
      })
      for (const [i, one] of batch.entries()) one.resolve(outs[i] as Out)
    } catch (error) {
      if (batch.length === 0) takeInto(batch)
      if (error instanceof DatabaseUnavailable || batch.length === 1) rejectAll(batch, error)
      else await oneByOne(batch)
    }
    underWay.delete(batch)
    runners -= 1
    startRunner()
    if (runners > 0) return
    clearInterval(looking)
    looking = undefined
  }

  function takeInto(batch: Waiting<In, Out>[]) {
    batch.push(...takeBatch(queue, sizeOf))
    underWay.add(batch)
    taking = false
    startRunner()
  }

  async function workOn(db: Db, batch: Waiting<In, Out>[]): Promise<Out[]> {
    const items = batch.map(({ item }) => item)
    const outs = await work(db, items)
    invariant(outs.length === batch.length, 'each item of a batch is answered')
    return outs
  }

  async function oneByOne(batch: Waiting<In, Out>[]) {
    for (const one of batch)
      await database
        .write((db) => workOn(db, [one]))
        .then(([out]) => one.resolve(out as Out), one.reject)
  }

  return (item: In): Promise<Out> =>
    new Promise((resolve, reject) => {
      queue.push({ item, since: performance.now(), resolve, reject })
      startRunner()
    })
}

/**
 * Lets sockets be read while that brings more, so that what came together goes together. Nothing is
 * waited for: a lone item is taken in the next turn of the event loop.
 */
async function untilQuiet(queue: unknown[]): Promise<void> {
  for (let before = 0; queue.length > before && before < maxItems; ) {
    before = queue.length
    await turn()
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
