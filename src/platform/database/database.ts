import { AsyncLocalStorage } from 'node:async_hooks'
import { type Clock, sleep } from '../clock.ts'
import type { Service } from '../service.ts'
import type { Db, Reads, Topic } from './db.ts'
import { commitsOverlap } from './dialect.ts'
import type { Engine } from './engine.ts'
import { asUnavailable, DatabaseUnavailable, isBusy, isTaken } from './failure.ts'
import { createGate } from './gate.ts'
import { CommitUnknown, type Done, readOnce, wasDone, writeOnce } from './transaction.ts'

/**
 * The one door to the database. A unit of work has no effect outside the database, since it is
 * repeated as a whole when another process was in the way.
 */
export type Database = {
  /** Runs a unit of work in one transaction: all of it is kept, or nothing. */
  write<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** Runs reads on one snapshot; never waits for a writer. */
  read<T>(work: (db: Reads) => Promise<T>): Promise<T>
  /** How many units that write are worth having under way at once. */
  writers: number
  /** Whether a unit that gave the higher number may be committed first. */
  commitsOverlap: boolean
  /** Calls back after each commit of this process that announced the topic. Returns the way out. */
  listen(topic: Topic, heard: () => void): () => void
  /** Calls back when another process may have committed. */
  watch(heard: () => void, failed: (error: unknown) => void): Service
  /** How often units were repeated since the beginning, by the reason. */
  repeated: Readonly<Record<Reason, number>>
  /** Rejects when there is no room for another notice. */
  assertRoom(): Promise<void>
  /** Waits for the units that are inside; safe to repeat. */
  close(): Promise<void>
}

/** Another process was in the way, or the connection broke while the commit was under way. */
export type Reason = 'conflict' | 'unknown_commit'

/** How long a unit waits, and is then tried, before it says "unavailable". */
const limitMs = 8000
const pauseMs = 2
const lookPauseMs = 100

/**
 * A unit that meets a key which another process has just written sees it at the next try, but may
 * then meet another: of the bank's account, the partner's, the notice, the transaction.
 */
const mostTakenTries = 10

/** The door over an engine. */
export function createDatabase(engine: Engine, clock: Clock): Database {
  const { dialect, width } = engine
  const inside = new AsyncLocalStorage<true>()
  const writing = createGate({ name: 'write', width: width.write, inside, limitMs })
  const reading = createGate({ name: 'read', width: width.read, inside, limitMs })
  const listeners = new Map<Topic, Set<() => void>>()
  const repeated = { conflict: 0, unknown_commit: 0 }
  const repeat = repeating(clock, repeated)
  let closed: Promise<void> | undefined

  return {
    async write(work) {
      const { result, topics } = await writing.through(() => writeUntilDone(engine, work, repeat))
      for (const topic of topics) for (const heard of listeners.get(topic) ?? []) heard()
      return result
    },
    read: (work) => reading.through(() => repeat(() => readOnce(engine, work))),
    commitsOverlap: commitsOverlap(dialect),
    writers: Math.min(width.write, mostWriters),
    listen(topic, heard) {
      const heards = listeners.get(topic) ?? new Set()
      listeners.set(topic, heards.add(heard))
      return () => heards.delete(heard)
    },
    watch: engine.watch,
    assertRoom: engine.assertRoom,
    repeated,
    close() {
      closed ??= Promise.all([writing.close(), reading.close()]).then(() => engine.close())
      return closed
    },
  }
}

/** Beyond this many batches under way, each gets smaller and the whole gets slower. */
const mostWriters = 2

/**
 * A unit whose commit may have been done is looked for before it is repeated: every try of it that
 * broke there, since one may come through after the look that did not find it.
 */
function writeUntilDone<T>(
  engine: Engine,
  work: (db: Db) => Promise<T>,
  repeat: Repeat,
): Promise<Done<T>> {
  const unknown: CommitUnknown<T>[] = []
  return repeat(async () => {
    for (const one of unknown) if (await wasDone(engine, one)) return one.done
    try {
      return await writeOnce(engine, work)
    } catch (error) {
      if (error instanceof CommitUnknown) unknown.push(error)
      throw error
    }
  })
}

type Repeat = <T>(attempt: () => Promise<T>) => Promise<T>

/** Repeats a unit while another process is in the way, without blocking the event loop. */
function repeating(clock: Clock, repeated: Record<Reason, number>): Repeat {
  return async (attempt) => {
    const giveUpAt = clock.now() + limitMs
    for (let tries = 0; ; tries += 1)
      try {
        return await attempt()
      } catch (error) {
        const open = error instanceof CommitUnknown
        const inTheWay = isBusy(error) || (isTaken(error) && tries < mostTakenTries)
        if (!open && !inTheWay) throw asUnavailable(error)
        if (clock.now() >= giveUpAt) throw givenUp(error)
        repeated[open ? 'unknown_commit' : 'conflict'] += 1
        await sleep(open ? lookPauseMs : pauseMs)
      }
  }
}

function givenUp(error: unknown): unknown {
  if (error instanceof DatabaseUnavailable) return error
  return new DatabaseUnavailable('other processes keep what is needed locked', { cause: error })
}
