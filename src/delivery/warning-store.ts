import { type Db, type Reads, sql } from '../platform/database/index.ts'
import { warnings } from './schema.ts'
import type { Warning } from './warning.ts'

export async function insertWarnings(db: Db, rows: Warning[]): Promise<void> {
  await db.insert(warnings, rows)
}

const due = (now: number) => sql`WHERE due_date <= ${now}`

export async function anyDueWarning(db: Reads, now: number): Promise<boolean> {
  return (await db.select(warnings, sql`${due(now)} LIMIT 1`)).length > 0
}

/** One that is due; it is looked at again at the end of the lease, unless it is done by then. */
export async function claimWarning(
  db: Db,
  now: number,
  leaseEnd: number,
): Promise<Warning | undefined> {
  const first = sql`ORDER BY due_date LIMIT 1 ${db.held('claim')}`
  const [warning] = await db.select(warnings, sql`${due(now)} ${first}`)
  if (warning)
    await db.run(sql`UPDATE warnings SET due_date = ${leaseEnd} WHERE id = ${warning.id}`)
  return warning
}

export async function finishWarning(db: Db, id: string): Promise<void> {
  await db.run(sql`UPDATE warnings SET due_date = NULL WHERE id = ${id}`)
}
