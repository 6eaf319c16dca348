import { sleep } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { type Service, service } from '../platform/service.ts'
import type { ArchiveStore } from './archive-store.ts'
import type { Proof } from './proof.ts'
import * as store from './store.ts'
import { viewProof } from './view.ts'

type Deps = { database: Database; archive: ArchiveStore; log: Log }

const batchCount = 256
const batchBytes = 8 * 1024 * 1024
const putsAtOnce = 16
const firstPauseMs = 1000
const longestPauseMs = 30_000

/**
 * Moves proofs from the spool to the archive, oldest first; a body leaves the spool only after the
 * archive has it for good. While the archive is out, the spool grows and the pauses do too.
 */
export function createArchiver({ database, archive, log }: Deps): Service & Wakeable {
  const stopping = new AbortController()
  let awake = Promise.withResolvers<void>()
  let loop: Promise<void> = Promise.resolve()
  let unlisten = () => {}
  const wake = () => awake.resolve()

  async function run() {
    let pauseMs = firstPauseMs
    while (!stopping.signal.aborted) {
      awake = Promise.withResolvers()
      try {
        const moved = await moveBatch()
        pauseMs = firstPauseMs
        if (moved === 0) await awake.promise
      } catch (error) {
        log.error({ err: error, pause_ms: pauseMs }, 'proofs could not be archived')
        await sleep(pauseMs, stopping.signal)
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      }
    }
  }

  async function moveBatch(): Promise<number> {
    const { bodies, proofs } = await database.read(async (db) => {
      const bodies = await store.oldestSpooled(db, batchCount, batchBytes)
      return {
        bodies,
        proofs: await store.proofsById(
          db,
          bodies.map(({ proofId }) => proofId),
        ),
      }
    })
    if (bodies.length === 0) return 0
    const failures: unknown[] = []
    const done: string[] = []
    const queue = bodies.values()
    const put = async () => {
      for (const { proofId, body } of queue)
        await putOne(proofs.get(proofId) as Proof, body).then(
          () => done.push(proofId),
          (error) => failures.push(error),
        )
    }
    await Promise.all(Array.from({ length: putsAtOnce }, put))
    await database.write((db) => store.clearSpool(db, done))
    if (failures.length > 0) throw failures[0]
    return done.length
  }

  async function putOne(proof: Proof, body: Buffer) {
    const { proofKey: key, sha256 } = proof
    await archive.put({ key, body, sha256, metadata: viewProof(proof) })
    log.debug({ proof: proof.id, key }, 'proof archived')
  }

  const { start, stop } = service({
    async start() {
      unlisten = database.listen('spool', wake)
      loop = run()
    },
    async stop() {
      unlisten()
      stopping.abort()
      wake()
      await loop
    },
  })
  return { start, stop, wake }
}

/** To be called when another process may have left work. */
export type Wakeable = { wake(): void }
