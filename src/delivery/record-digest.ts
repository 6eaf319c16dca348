import type { Database } from '../platform/database/index.ts'
import type { Digest } from './digest.ts'
import { type Recorded, record, type Tried } from './record.ts'

/** Each of thousands keeps it. */
const longestAnswer = 512

/** Records one try for all that went in a digest: they move on together, to the same time. */
export async function recordDigest(
  database: Database,
  { members }: Digest,
  tried: Tried,
  deps: Parameters<typeof record>[2],
): Promise<Recorded> {
  const chance = deps.random()
  const answer = tried.sent.answer?.slice(0, longestAnswer) ?? null
  const sent = { ...tried.sent, answer }
  const all = members.map(({ delivery }, i) => ({ ...tried, sent, delivery, besides: i > 0 }))
  return database.write(async (db) => {
    const [result = 'late'] = await record(db, all, { ...deps, random: () => chance })
    return result
  })
}
