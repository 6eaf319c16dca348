import { createAlarm, longestSleepMs } from '../platform/alarm.ts'
import { sleep } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import { invariant } from '../platform/invariant.ts'
import type { Log } from '../platform/log.ts'
import { Unavailable } from '../platform/problem.ts'
import { type Service, service } from '../platform/service.ts'
import { archiveObject } from './archive-object.ts'
import type { ArchiveStore } from './archive-store.ts'
import * as store from './store.ts'

type Deps = {
  database: Database
  archive: ArchiveStore
  log: Log
  /** Whether others in this process have more to do than it has time for. */
  othersHurry: () => boolean
  /** Of the spool; from half of it on, nobody else's hurry counts. */
  maxBytes: number
}

const batchCount = 256
const batchBytes = 8 * 1024 * 1024
const putsAtOnce = 16
const firstPauseMs = 1000
const longestPauseMs = 30_000
const restTimes = 4
const longestRestMs = 1000

/**
 * Moves proofs from the spool to the archive, oldest first; a body leaves the spool only after the
 * archive has it for good. While the archive is out, the spool grows and the pauses do too. While
 * others hurry, it rests four times as long as it works, a second at most, since much of that is
 * waiting where the archive is far away: the archive may lag, partners wait.
 */
export function createArchiver(deps: Deps): Service & { wake(): void } {
  const { database, log, othersHurry, maxBytes } = deps
  const stopping = new AbortController()
  const alarm = createAlarm()
  let loop: Promise<void> = Promise.resolve()
  let unlisten = () => {}

  async function run() {
    let pauseMs = firstPauseMs
    while (!stopping.signal.aborted) {
      alarm.set()
      try {
        const began = performance.now()
        const moved = await moveBatch(deps, stopping.signal)
        pauseMs = firstPauseMs
        if (moved === 0) await alarm.slept(longestSleepMs)
        else if (othersHurry() && (await database.read(store.spoolSize)).bytes < maxBytes / 2)
          await sleep(restAfter(performance.now() - began), stopping.signal)
      } catch (error) {
        log.error({ err: error, pause_ms: pauseMs }, 'proofs could not be archived')
        await sleep(pauseMs, stopping.signal)
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      }
    }
  }

  const { start, stop } = service({
    async start() {
      unlisten = database.listen('spool', alarm.ring)
      loop = run()
    },
    async stop() {
      unlisten()
      stopping.abort()
      alarm.ring()
      await loop
    },
  })
  return { start, stop, wake: alarm.ring }
}

function restAfter(workMs: number): number {
  return Math.min(restTimes * workMs, longestRestMs)
}

/**
 * How many were moved. What the archive took is cleared even where it did not take another. Each of
 * those that put ends when the archive is away, since every further one may take its time to fail.
 */
async function moveBatch({ database, archive, log }: Deps, stop: AbortSignal): Promise<number> {
  const { bodies, proofs } = await database.read(async (db) => {
    const oldest = await store.oldestSpooled(db, batchCount, batchBytes)
    const ids = oldest.map(({ proofId }) => proofId)
    return { bodies: oldest, proofs: await store.proofsById(db, ids) }
  })
  if (bodies.length === 0) return 0

  const failures: unknown[] = []
  const done: string[] = []
  const queue = bodies.values()
  const put = async () => {
    for (const { proofId, body } of queue) {
      const proof = proofs.get(proofId)
      invariant(proof, `what is spooled of ${proofId} has a proof`)
      try {
        await archive.put(archiveObject(proof, body))
        done.push(proofId)
      } catch (error) {
        failures.push(error)
        if (error instanceof Unavailable) return
      }
      if (stop.aborted) return
    }
  }
  await Promise.all(Array.from({ length: putsAtOnce }, put))
  await database.write((db) => store.clearSpool(db, done))
  log.debug({ proofs: done.length }, 'proofs archived')
  if (failures.length > 0 && done.length === 0) throw failures[0]
  for (const error of failures) log.error({ err: error }, 'a proof could not be archived')
  return done.length
}
