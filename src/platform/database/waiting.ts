import { DatabaseUnavailable } from './failure.ts'

/** An item that waits for its answer since a moment (by `performance.now`). */
export type Waiting<In, Out> = {
  item: In
  since: number
  resolve: (out: Out) => void
  reject: (error: unknown) => void
}

/** Above this a transaction gets long without getting cheaper per item. */
export const maxItems = 256
const maxBytes = 8 * 1024 * 1024

/** Takes the next batch off the queue: the first items, bounded in number and in bytes. */
export function takeBatch<In, Out>(queue: Waiting<In, Out>[], sizeOf?: (item: In) => number) {
  let count = 0
  let bytes = 0
  for (const { item } of queue) {
    bytes += sizeOf?.(item) ?? 0
    if (count > 0 && (count >= maxItems || bytes > maxBytes)) break
    count += 1
  }
  return queue.splice(0, count)
}

/** Answers those that have waited for too long; what is under way may still be done. */
export function rejectLate<In, Out>(
  queue: Waiting<In, Out>[],
  underWay: Iterable<Waiting<In, Out>[]>,
  limitMs: number,
): void {
  const latest = performance.now() - limitMs
  const late = (one: Waiting<In, Out>) => one.since < latest
  const waiting = queue.splice(0, queue.filter(late).length)
  const working = [...underWay].flatMap((batch) => batch.filter(late))
  const error = new DatabaseUnavailable('the database did not answer in time')
  rejectAll([...waiting, ...working], error)
}

export function rejectAll<In, Out>(batch: Waiting<In, Out>[], error: unknown): void {
  for (const one of batch) one.reject(error)
}
