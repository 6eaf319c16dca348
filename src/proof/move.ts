import type { Database } from '../platform/database/index.ts'
import { archiveObject } from './archive-object.ts'
import type { ArchiveStore } from './archive-store.ts'
import { eachProof } from './each-proof.ts'
import type { Proof } from './proof.ts'
import { readAgain, type Wrong } from './verify.ts'

/** `spooled` are those that neither archive has yet. */
export type Moved = { copied: number; same: number; spooled: number; wrong: Wrong[] }

type Move = {
  database: Database
  from: ArchiveStore
  to: ArchiveStore
  /** Called now and then, with what was done so far. */
  reached: (done: Moved, last: Proof) => void
}

/**
 * Makes another archive hold every archived proof. What it holds already is compared and not sent
 * again: so one that was interrupted goes on, and one that is repeated takes along what came since.
 */
export async function move({ database, from, to, reached }: Move): Promise<Moved> {
  await Promise.all([from.check(), to.check()])
  const done: Moved = { copied: 0, same: 0, spooled: 0, wrong: [] }
  const work = async (proof: Proof, isSpooled: boolean) => {
    const came = isSpooled ? 'spooled' : await copy(proof, from, to)
    if (typeof came === 'string') done[came] += 1
    else done.wrong.push(came)
  }
  await eachProof({ database, since: 0, work, reached: (last) => reached(done, last) })
  return done
}

async function copy(
  proof: Proof,
  from: ArchiveStore,
  to: ArchiveStore,
): Promise<'copied' | 'same' | Wrong> {
  const there = await to.sha256(proof.proofKey)
  if (there === proof.sha256) return 'same'
  if (there !== null)
    return { proof, state: 'taken', detail: `the target holds other bytes: ${there}` }
  const { body, wrong } = await readAgain(from, proof)
  if (wrong) return wrong
  await to.put(archiveObject(proof, body))
  return 'copied'
}
