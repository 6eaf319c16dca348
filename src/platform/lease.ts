import { column, type Db, sql, table } from './database/index.ts'

const { text, time } = column

/** Work that one process at a time may do. A holder that dies is followed when its time is over. */
export const leases = table('leases', {
  columns: { name: text(40), holder: text(40), endDate: time() },
  primary: ['name'],
})

export type LeaseName = 'event numbers'

type Claim = { name: LeaseName; holder: string; now: number; leaseMs: number }

/**
 * Takes a lease or holds it for longer; false when another has it. Until the unit ends nobody else
 * can take it, so what the same unit writes is written by the one holder, however late it is.
 */
export async function hold(db: Db, { name, holder, now, leaseMs }: Claim): Promise<boolean> {
  const taken = await db.run(
    sql`UPDATE leases SET holder = ${holder}, end_date = ${now + leaseMs}
      WHERE name = ${name} AND (holder = ${holder} OR end_date < ${now})`,
  )
  return taken > 0
}
