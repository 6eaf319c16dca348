import { invariant } from '../invariant.ts'
import type { Database } from './database.ts'
import type { Db } from './db.ts'
import { DatabaseUnavailable } from './failure.ts'

type Options<In, Out> = {
  /** Does the work of all items in one transaction and answers each, in their order. */
  work: (db: Db, items: In[]) => Promise<Out[]>
  /** Bytes an item brings along; a batch is bounded by their sum. */
  sizeOf?: (item: In) => number
}

/** Above this a transaction gets long without getting cheaper per item. */
const maxItems = 256
const maxBytes = 8 * 1024 * 1024

type Waiting<In, Out> = {
  item: In
  resolve: (out: Out) => void
  reject: (error: unknown) => void
}

/**
 * Lets items that arrive together share one transaction and one fsync. What waits when the gate is
 * free is the batch, so a lone item is not delayed. A batch fails only by a fault, since refusals
 * are answers; then its members are tried one by one, so that one bad item harms no other.
 */
export function groupCommit<In, Out>(database: Database, { work, sizeOf }: Options<In, Out>) {
  const queue: Waiting<In, Out>[] = []
  let running = false

  async function run() {
    while (queue.length > 0) {
      await turn()
      let batch: Waiting<In, Out>[] = []
      try {
        const outs = await database.write((db) => {
          // A unit that is repeated keeps the batch it took the first time.
          if (batch.length === 0) batch = take(queue, sizeOf)
          return workOn(db, batch)
        })
        for (const [i, one] of batch.entries()) one.resolve(outs[i] as Out)
      } catch (error) {
        if (batch.length === 0) batch = take(queue, sizeOf)
        if (error instanceof DatabaseUnavailable || batch.length === 1) rejectAll(batch, error)
        else await oneByOne(batch)
      }
    }
    running = false
  }

  async function workOn(db: Db, batch: Waiting<In, Out>[]): Promise<Out[]> {
    const outs = await work(
      db,
      batch.map(({ item }) => item),
    )
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
      queue.push({ item, resolve, reject })
      if (running) return
      running = true
      void run()
    })
}

/** Lets this turn's sockets be read first, so that what came together goes together. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function take<In, Out>(queue: Waiting<In, Out>[], sizeOf?: (item: In) => number) {
  let count = 0
  let bytes = 0
  for (const { item } of queue) {
    bytes += sizeOf?.(item) ?? 0
    if (count > 0 && (count >= maxItems || bytes > maxBytes)) break
    count += 1
  }
  return queue.splice(0, count)
}

function rejectAll<In, Out>(batch: Waiting<In, Out>[], error: unknown) {
  for (const one of batch) one.reject(error)
}
