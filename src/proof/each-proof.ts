import type { Database } from '../platform/database/index.ts'
import type { Proof } from './proof.ts'
import * as store from './store.ts'

/** So many lie between two looks at the database. */
const pageSize = 256
const atOnce = 16

type Each = {
  database: Database
  since: number
  work: (proof: Proof, isSpooled: boolean) => Promise<void>
  /** Called now and then, with the last proof that was worked on. */
  reached: (proof: Proof) => void
}

/**
 * Does something with every proof that came since, oldest first, some at once. It ends at the first
 * fault. What was spooled at the last look may be archived by now, but never the other way round.
 */
export async function eachProof({ database, since, work, reached }: Each): Promise<void> {
  for (let last = ''; ; ) {
    const { rows, spooled } = await database.read((db) =>
      store.proofsAfter(db, last, since, pageSize),
    )
    const queue = rows.values()
    const faults: unknown[] = []
    const take = async () => {
      for (const proof of queue) {
        if (faults.length > 0) return
        await work(proof, spooled.has(proof.id)).catch((fault) => faults.push(fault))
      }
    }
    await Promise.all(Array.from({ length: atOnce }, take))
    if (faults.length > 0) throw faults[0]
    const end = rows.at(-1)
    if (end) reached(end)
    if (!end || rows.length < pageSize) return
    last = end.id
  }
}
