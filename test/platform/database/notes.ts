import { column, type Db, type Reads, sql, table } from '../../../src/platform/database/index.ts'

const { integer, money, nullable, text } = column

/** A table of the tests' own, with one column of each kind that could go wrong. */
export const notes = table('notes', {
  columns: { id: text(40), amount: money(), other: nullable(money()), size: integer() },
  primary: ['id'],
  checks: { ck_notes_amount: 'amount >= 0' },
})

export async function createNotes(db: Db): Promise<void> {
  await db.run(sql`CREATE TABLE notes (id VARCHAR(40) PRIMARY KEY, amount BIGINT NOT NULL,
    other BIGINT, size BIGINT NOT NULL, CONSTRAINT ck_notes_amount CHECK (amount >= 0))`)
}

export function note(id: string, amount = 0n) {
  return { id, amount, other: null, size: 0 }
}

export async function noteIds(db: Reads): Promise<string[]> {
  return (await db.select(notes, sql`ORDER BY id`)).map(({ id }) => id)
}
