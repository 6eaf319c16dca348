import type { Database } from '../platform/database/index.ts'
import type { Digest } from './digest.ts'
import { type Recorded, record, type Tried } from './record.ts'

/** Records one try for all that went in a digest: they move on together, to the same time. */
export async function recordDigest(
  database: Database,
  { members }: Digest,
  tried: Tried,
  deps: Parameters<typeof record>[2],
): Promise<Recorded> {
  const chance = deps.random()
  const all = members.map(({ delivery }) => ({ ...tried, delivery }))
  const [result = 'late'] = await database.write((db) =>
    record(db, all, { ...deps, random: () => chance }),
  )
  return result
}
