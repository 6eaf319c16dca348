import { column, type Db, list, type Reads, sql } from '../platform/database/index.ts'
import { idsReceived, lowerId } from '../platform/id.ts'
import type { Outcome, Proof } from './proof.ts'
import { proofs, spool, spoolTotals } from './schema.ts'

export async function insertProofs(db: Db, rows: Proof[]): Promise<void> {
  await db.insert(proofs, rows)
}

export async function proofsById(db: Reads, ids: string[]): Promise<Map<string, Proof>> {
  const rows = await db.select(proofs, sql`WHERE id IN ${list(ids)}`)
  return new Map(rows.map((row) => [row.id, row]))
}

export type ProofFilter = {
  bank?: string | undefined
  outcome?: Outcome | undefined
  from?: number | undefined
  to?: number | undefined
}

/** Newest first. */
export async function listProofs(
  db: Reads,
  filter: ProofFilter,
  limit: number,
  after: string | null,
): Promise<Proof[]> {
  const { bank, outcome, from, to } = filter
  const { least, below } = idsReceived('prf', from, to)
  // Nearly all are accepted, so the index holds the others only, and wants to hear that.
  const isRare = outcome !== undefined && outcome !== 'accepted'
  const also = isRare ? [sql`outcome <> 'accepted'`] : []
  if (outcome === 'accepted') also.push(sql`outcome = ${outcome}`)
  if (bank !== undefined) also.push(sql`bank = ${bank}`)
  if (from !== undefined) also.push(sql`received_date >= ${from}`)
  if (to !== undefined) also.push(sql`received_date < ${to}`)
  const found = db.along(proofs, {
    where: { outcome: isRare ? outcome : undefined },
    also,
    above: least,
    below: lowerId(after, below),
    order: 'newest first',
    most: limit,
  })
  return db.select(proofs, found)
}

/** Proofs behind one, oldest first, of those that came since; and which of them are spooled. */
export async function proofsAfter(db: Reads, id: string, since: number, most: number) {
  const { least = '' } = idsReceived('prf', since)
  const rows = await db.select(
    proofs,
    sql`WHERE id > ${id} AND id >= ${least} AND received_date >= ${since}
      ORDER BY id LIMIT ${most}`,
  )
  const spooled = await db.rows(
    { proofId: spool.shape.proofId },
    sql`SELECT proof_id FROM spool WHERE proof_id IN ${list(rows.map((row) => row.id))}`,
  )
  return { rows, spooled: new Set(spooled.map((row) => row.proofId)) }
}

/** What is spooled behind one proof, oldest first, with the hash that its proof has. */
export async function spooledAfter(db: Reads, proofId: string, most: number) {
  const rows = await db.select(
    spool,
    sql`WHERE proof_id > ${proofId} ORDER BY proof_id LIMIT ${most}`,
  )
  const known = await proofsById(
    db,
    rows.map((row) => row.proofId),
  )
  return rows.map((row) => ({ ...row, sha256: known.get(row.proofId)?.sha256 }))
}

type Spooled = { proofId: string; size: number; body: Buffer }

export async function addToSpool(db: Db, rows: Spooled[]): Promise<void> {
  await db.insert(spool, rows)
  await growTotals(db, rows.length, sumOf(rows))
}

export async function spooledBody(db: Reads, proofId: string): Promise<Buffer | undefined> {
  const [row] = await db.select(spool, sql`WHERE proof_id = ${proofId}`)
  return row?.body
}

/** The oldest of the spool: so many and so many bytes at most, but one where there is one. */
export async function oldestSpooled(db: Reads, maxCount: number, maxBytes: number) {
  const sizes = await db.rows(
    { proofId: spool.shape.proofId, size: spool.shape.size },
    sql`SELECT proof_id, size FROM spool ORDER BY proof_id LIMIT ${maxCount}`,
  )
  let bytes = 0
  const some = sizes.filter(({ size }, i) => {
    bytes += size
    return i === 0 || bytes <= maxBytes
  })
  return db.select(spool, sql`WHERE proof_id IN ${list(some.map(({ proofId }) => proofId))}`)
}

/** Removes what is still there of these; another daemon may have been quicker. */
export async function clearSpool(db: Db, proofIds: string[]): Promise<void> {
  const there = await db.rows(
    { size: column.integer() },
    sql`SELECT size FROM spool WHERE proof_id IN ${list(proofIds)} ${db.held('change')}`,
  )
  await db.run(sql`DELETE FROM spool WHERE proof_id IN ${list(proofIds)}`)
  await growTotals(db, -there.length, -sumOf(there))
}

export async function spoolSize(db: Reads): Promise<{ proofs: number; bytes: number }> {
  const [totals] = await db.select(spoolTotals, sql`WHERE id = 1`)
  return totals ?? { proofs: 0, bytes: 0 }
}

async function growTotals(db: Db, count: number, bytes: number): Promise<void> {
  const growth = { id: 1, proofs: count, bytes }
  await db.add(spoolTotals, { key: 'id', sums: ['proofs', 'bytes'] }, [growth])
}

function sumOf(rows: { size: number }[]): number {
  return rows.reduce((sum, { size }) => sum + size, 0)
}
