import { type Db, type Reads, type Sql, sql } from '../platform/database/index.ts'
import { everyones, type Own } from '../platform/own.ts'
import type { Redelivery } from './redelivery.ts'
import { redeliveries } from './schema.ts'

export async function insert(db: Db, row: Redelivery): Promise<void> {
  await db.insert(redeliveries, [row])
}

export async function redeliveryById(db: Reads, id: string): Promise<Redelivery | undefined> {
  const [row] = await db.select(redeliveries, sql`WHERE id = ${id}`)
  return row
}

/** A redelivery that nobody else moves on before this unit ends. */
export async function holdRedelivery(db: Db, id: string): Promise<Redelivery | undefined> {
  const [row] = await db.select(redeliveries, sql`WHERE id = ${id} ${db.held('change')}`)
  return row
}

/** Whether a partner waits for one already. */
export async function anyRunningOf(db: Reads, accountId: string): Promise<boolean> {
  const running = sql`WHERE account_id = ${accountId} AND status = 'running' LIMIT 1`
  return (await db.select(redeliveries, running)).length > 0
}

/** The next whose turn it is, behind an id: they are done one after the other. */
export async function nextRunning(db: Reads, after: string): Promise<Redelivery | undefined> {
  const [row] = await db.select(
    redeliveries,
    sql`WHERE status = 'running' AND id > ${after} ORDER BY id LIMIT 1`,
  )
  return row
}

/** Newest first. */
export async function listRedeliveries(
  db: Reads,
  own: Own,
  limit: number,
  after: string | null,
): Promise<Redelivery[]> {
  const owned = own === everyones ? sql`1 = 1` : sql`account_id = ${own}`
  const where = after === null ? owned : sql`${owned} AND id < ${after}`
  return db.select(redeliveries, sql`WHERE ${where} ORDER BY id DESC LIMIT ${limit}`)
}

type Progress = Pick<
  Redelivery,
  'id' | 'status' | 'place' | 'looked' | 'handedOut' | 'waiting' | 'finishDate'
>

export async function update(db: Db, progress: Progress): Promise<void> {
  const { id, status, place, looked, handedOut, waiting, finishDate } = progress
  await db.run(
    sql`UPDATE redeliveries SET status = ${status}, place = ${place}, looked = ${looked},
      handed_out = ${handedOut}, waiting = ${waiting}, finish_date = ${finishDate}
      WHERE id = ${id}`,
  )
}

/** Finds a redelivery as far on as this, or finished. */
export function cameTo({ id, place, status }: Progress): Sql {
  return sql`SELECT 1 AS found FROM redeliveries
    WHERE id = ${id} AND (place >= ${place} AND status = ${status} OR status <> 'running')`
}
