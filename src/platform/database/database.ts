import { AsyncLocalStorage } from 'node:async_hooks'
import type { DataSource, QueryRunner } from 'typeorm'
import { type Clock, sleep } from '../clock.ts'
import { createDb, type Db, type Reads, type Topic } from './db.ts'
import { asUnavailable, DatabaseUnavailable, isBusy } from './failure.ts'
import { createGate } from './gate.ts'
import { fileWatch } from './sqlite.ts'

/**
 * The one door to the database. A unit of work has no effect outside the database, since it is
 * repeated as a whole when another process was in the way.
 */
export type Database = {
  /** Runs a unit of work in one transaction: all of it is kept, or nothing. */
  write<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** Runs reads on one snapshot; never waits for a writer. */
  read<T>(work: (db: Reads) => Promise<T>): Promise<T>
  /** Calls back after each commit of this process that announced the topic. Returns the way out. */
  listen(topic: Topic, heard: () => void): () => void
  /** A number that changes when another process has committed. Cheap to ask. */
  version(): Promise<bigint>
  /** Waits for the units that are inside; safe to repeat. */
  close(): Promise<void>
}

/** How long a unit waits for another process's lock before it says "unavailable". */
const busyLimitMs = 10_000
const busyPauseMs = 2

type Sources = { file: string; write: DataSource; read: DataSource; clock: Clock }

/** Opens the door over two initialised data sources of one SQLite file. */
export async function openDatabase({ file, write, read, clock }: Sources): Promise<Database> {
  const inside = new AsyncLocalStorage<true>()
  const writing = createGate('write', inside)
  const reading = createGate('read', inside)
  const writeRunner = write.createQueryRunner()
  const readRunner = read.createQueryRunner()
  const listeners = new Map<Topic, Set<() => void>>()
  const assertSameFile = fileWatch(file)
  assertSameFile()
  let closed: Promise<void> | undefined
  for (const runner of [writeRunner, readRunner]) await runner.query('PRAGMA busy_timeout = 0')

  async function unit<T>(work: (db: Db) => Promise<T>): Promise<{ result: T; topics: Set<Topic> }> {
    const topics = new Set<Topic>()
    assertSameFile()
    const result = await transaction(writeRunner, 'BEGIN IMMEDIATE', async () => {
      const done = await work(createDb(writeRunner, topics))
      assertSameFile()
      return done
    })
    return { result, topics }
  }

  async function closeAll() {
    await Promise.all([writing.close(), reading.close()])
    // The writer goes last: only it can fold the write-ahead log into the file and remove it.
    await read.destroy()
    await write.destroy()
  }

  return {
    async write(work) {
      const { result, topics } = await writing.through(() => untilNotBusy(() => unit(work), clock))
      for (const topic of topics) for (const heard of listeners.get(topic) ?? []) heard()
      return result
    },
    read: (work) =>
      reading.through(() =>
        untilNotBusy(
          () => transaction(readRunner, 'BEGIN', () => work(createDb(readRunner, new Set()))),
          clock,
        ),
      ),
    listen(topic, heard) {
      const heards = listeners.get(topic) ?? new Set()
      listeners.set(topic, heards.add(heard))
      return () => heards.delete(heard)
    },
    version: () =>
      reading.through(async () => {
        const [row] = (await readRunner.query('PRAGMA data_version')) as { data_version: bigint }[]
        return row?.data_version ?? 0n
      }),
    close() {
      closed ??= closeAll()
      return closed
    },
  }
}

async function transaction<T>(runner: QueryRunner, begin: string, work: () => Promise<T>) {
  await runner.query(begin)
  try {
    const result = await work()
    await runner.query('COMMIT')
    return result
  } catch (error) {
    // SQLite has rolled back by itself after some faults, and then refuses to do it again.
    await runner.query('ROLLBACK').catch(() => {})
    throw error
  }
}

/** Repeats a whole unit while another process holds the lock, without blocking the event loop. */
async function untilNotBusy<T>(unit: () => Promise<T>, clock: Clock): Promise<T> {
  const giveUpAt = clock.now() + busyLimitMs
  for (;;) {
    try {
      return await unit()
    } catch (error) {
      if (!isBusy(error)) throw asUnavailable(error)
      if (clock.now() >= giveUpAt)
        throw new DatabaseUnavailable('another process keeps the database locked', { cause: error })
      await sleep(busyPauseMs)
    }
  }
}
