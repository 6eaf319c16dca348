import type { Reads } from '../platform/database/index.ts'
import { sha256 } from './proof.ts'
import * as store from './store.ts'

/** So many notices of the greatest size fit into memory. */
const atOnce = 32

/** The first proof whose spooled bytes are not those that were heard; null where all are. */
export async function checkSpool(db: Reads): Promise<string | null> {
  for (let last = ''; ; ) {
    const some = await store.spooledAfter(db, last, atOnce)
    const odd = some.find((one) => sha256(one.body) !== one.sha256)
    if (odd) return odd.proofId
    if (some.length < atOnce) return null
    last = some.at(-1)?.proofId ?? ''
  }
}
