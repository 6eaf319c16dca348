import type { Database } from '../platform/database/index.ts'
import { invariant } from '../platform/invariant.ts'
import { Refused } from '../platform/problem.ts'
import type { ArchiveStore } from './archive-store.ts'
import { type Proof, sha256 } from './proof.ts'
import * as store from './store.ts'

/**
 * The exact bytes of a notice: from the spool or, once that is cleared, from the archive, which had
 * them before. They are proven against their hash each time.
 */
export async function content(
  database: Database,
  archive: ArchiveStore,
  id: string,
): Promise<{ proof: Proof; body: Buffer } | null> {
  const { proof, spooled } = await database.read(async (db) => ({
    proof: (await store.proofsById(db, [id])).get(id),
    spooled: await store.spooledBody(db, id),
  }))
  if (!proof) return null
  const body = spooled ?? (await archive.get(proof.proofKey))
  if (!body) throw new Refused('unavailable', `The archive does not have the bytes of ${id} now.`)
  invariant(sha256(body) === proof.sha256, `the bytes of ${id} are those that were heard`)
  return { proof, body }
}
