import { column, table } from '../platform/database/index.ts'
import type { Outcome } from './proof.ts'

const { bytes, integer, longText, text, time } = column

export const proofs = table('proofs', {
  columns: {
    id: text(40),
    bank: text(64),
    proofKey: text(160),
    outcome: text<Outcome>(16),
    method: text(16),
    path: text(2048),
    headers: longText(),
    sha256: text(64),
    size: integer(),
    remoteAddress: text(64),
    receivedDate: time(),
  },
  primary: ['id'],
  indexes: [
    { name: 'ix_proofs_outcome', columns: ['outcome', 'id'], where: `outcome <> 'accepted'` },
  ],
  checks: {
    ck_proofs_outcome: `outcome IN ('accepted', 'duplicate', 'refused', 'unreadable')`,
  },
})

/** Bodies that the archive does not hold yet. */
export const spool = table('spool', {
  columns: { proofId: text(40), size: integer(), body: bytes() },
  primary: ['proofId'],
})

/** One row that is kept up with every change of the spool, so that nobody has to count. */
export const spoolTotals = table('spool_totals', {
  columns: { id: integer(), proofs: integer(), bytes: integer() },
  primary: ['id'],
  seeded: true,
  checks: { ck_spool_totals_one_row: 'id = 1', ck_spool_totals_sums: 'proofs >= 0 AND bytes >= 0' },
})
