import type { S3Place } from '../platform/config/index.ts'
import { createSemaphore } from '../platform/semaphore.ts'
import { explained, Late } from './s3-fault.ts'

type Work<T> = (abortSignal: AbortSignal) => Promise<T>

/**
 * Makes calls to a bucket, so many at once; the others wait, and their time begins when it is their
 * turn. What goes wrong is explained.
 */
export function createCalls(place: S3Place, atOnce: number) {
  const turns = createSemaphore(atOnce)

  return async function call<T>(limitMs: number, work: Work<T>): Promise<T> {
    await turns.acquire()
    try {
      return await inTime(limitMs, work)
    } catch (error) {
      throw explained(error, place)
    } finally {
      turns.release()
    }
  }
}

/** Null where it fails as expected. */
export async function nullIf<T>(
  isExpected: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (isExpected(error)) return null
    throw error
  }
}

/**
 * Gives a call so much time, its client's own tries included. Not all that a client waits for hears
 * of the signal, the search for credentials least of all.
 */
async function inTime<T>(limitMs: number, work: Work<T>): Promise<T> {
  const ending = new AbortController()
  const { promise: over, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new Late(limitMs))
    ending.abort()
  }, limitMs)
  try {
    return await Promise.race([work(ending.signal), over])
  } finally {
    clearTimeout(timer)
  }
}
