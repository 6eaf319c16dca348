import { Worker } from 'node:worker_threads'

/** What the thread is asked for, and what it answers. */
export type CheckpointOrder = 'copy' | 'end'
export type CheckpointAnswer = 'copied' | 'failed'

type Log = {
  file: string
  /** How many pages the log has that the file may not have yet. */
  pages(): Promise<number>
  /** Copies them into the file, if nobody else is about to. */
  copy(): Promise<void>
}

/**
 * Pages of 4 KiB after which the log is copied. Hot pages are copied once for many commits: eight
 * times SQLite's default takes a quarter off the whole cost of a notice.
 */
const mostPages = 8000

/** Where the thread cannot, SQLite copies by itself at the end of a commit. */
export const pagesBeyondHope = 4 * mostPages

/** To look takes as long as a statement; at full speed the log grows by some hundred pages. */
const lookMs = 20
const pauseAfterFailureMs = 1000

/**
 * Keeps SQLite's write-ahead log short. To copy it takes 50 ms, so a thread copies while units go
 * on. What these write meanwhile is little, and is copied before the next one begins; then SQLite
 * writes the log from its beginning again. The thread starts when there is something to copy, which
 * most commands never have.
 */
export function createCheckpoints({ file, pages, copy }: Log) {
  let thread: Worker | undefined
  let state: 'resting' | 'copying' | 'nearly copied' = 'resting'
  let notBefore = 0
  let ended: Promise<unknown> | undefined

  function start(): Worker {
    const started = new Worker(new URL('checkpoint-thread.ts', import.meta.url), {
      workerData: file,
    })
    started.on('message', (answer: CheckpointAnswer) => {
      if (answer === 'copied') state = 'nearly copied'
      else rest(pauseAfterFailureMs)
    })
    started.on('error', () => {
      thread = undefined
      rest(pauseAfterFailureMs)
    })
    ended = new Promise((resolve) => started.once('exit', resolve))
    // What it does is safe at every moment: nobody has to wait for it at the end.
    started.unref()
    return started
  }

  function rest(ms: number) {
    state = 'resting'
    notBefore = performance.now() + ms
  }

  return {
    /** To be called between units. */
    async look(): Promise<void> {
      if (state === 'nearly copied') {
        state = 'resting'
        await copy()
      } else if (state === 'resting' && performance.now() >= notBefore) {
        if ((await pages()) < mostPages) return rest(lookMs)
        state = 'copying'
        thread ??= start()
        thread.postMessage('copy' satisfies CheckpointOrder)
      }
    },
    /** Lets the thread finish and close the file. */
    async close(): Promise<void> {
      if (!thread) return
      // A program that has nothing else to do would end in the middle of waiting.
      thread.ref()
      thread.postMessage('end' satisfies CheckpointOrder)
      await ended
    },
  }
}
