import { column, type Db, type Reads, sql, table } from './database/index.ts'
import { invariant } from './invariant.ts'

const { text, time } = column

/** Work that one process at a time may do. A holder that dies is followed when its time is over. */
export const leases = table('leases', {
  columns: { name: text(40), holder: text(40), endDate: time() },
  primary: ['name'],
  seeded: true,
})

export type LeaseName = 'event numbers' | 'redelivery' | 'turns'

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

/** Nobody else who asks for the same goes on before this unit ends. */
export async function alone(db: Db, name: LeaseName): Promise<void> {
  const [own] = await db.select(leases, sql`WHERE name = ${name} ${db.held('change')}`)
  invariant(own, `there is a row for ${name}`)
}

/** Whether nobody holds a lease at this time. */
export async function isUnheld(db: Reads, name: LeaseName, now: number): Promise<boolean> {
  const held = await db.select(leases, sql`WHERE name = ${name} AND end_date >= ${now}`)
  return held.length === 0
}
