import { type Database, type Db, groupCommit } from '../platform/database/index.ts'
import { claim, type Lease, nothing, type Taken } from './claim.ts'
import { count, type Recorded, record, type Tried } from './record.ts'

type Deps = Parameters<typeof record>[2] & { database: Database }

/** A try that is over, or a lease to claim under. */
type Wish = { tried: Tried } | { lease: Lease }

type Written = { recorded: Recorded; taken: Taken }

/**
 * What a daemon writes while it sends: what came of its tries, and what it takes next. All of that
 * which is wanted at the same time is one commit. Claims are for one at a time.
 */
export function createWriting({ database, ...deps }: Deps) {
  const write = groupCommit(database, { work })

  /** Claims come behind the tries, which may have opened or closed their lanes. */
  async function work(db: Db, wishes: Wish[]): Promise<Written[]> {
    const tried = wishes.flatMap((wish) => ('tried' in wish ? [wish.tried] : []))
    const recorded = (await record(db, tried, deps)).values()
    const written: Written[] = []
    for (const wish of wishes)
      written.push(
        'tried' in wish
          ? { recorded: recorded.next().value ?? 'late', taken: nothing }
          : { recorded: 'late', taken: await claim(db, wish.lease) },
      )
    // Last, since all daemons want these few rows and the unit holds them from here on.
    await count(db, tried)
    return written
  }

  return {
    record: async (tried: Tried): Promise<Recorded> => (await write({ tried })).recorded,
    claim: async (lease: Lease): Promise<Taken> => (await write({ lease })).taken,
  }
}
