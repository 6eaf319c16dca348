import type { Db } from '../platform/database/index.ts'
import type { Original, Outcome } from './proof.ts'
import * as store from './store.ts'

/** Keeps notices with what came of them: the bytes go to the spool, the daemon archives them. */
export async function keep(
  db: Db,
  judged: { original: Original; outcome: Outcome }[],
): Promise<void> {
  await store.insertProofs(
    db,
    judged.map(({ original, outcome }) => ({ ...original, outcome })),
  )
  await store.addToSpool(
    db,
    judged.map(({ original: { id, size, body } }) => ({ proofId: id, size, body })),
  )
  db.announce('spool')
}
