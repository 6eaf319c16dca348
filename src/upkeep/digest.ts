import { createHash } from 'node:crypto'
import { type Key, keyOf, type Reads, type Table } from '../platform/database/index.ts'
import { pageSize } from './page-size.ts'

/** What a table holds, so that two of them can be compared, and the last key that was seen. */
export type Digest = { rows: number; sha256: string; last: Key | null }

/** A SHA-256 over all rows of a table in the order of their keys, the same in every database. */
export async function digestOf(db: Reads, table: Table): Promise<Digest> {
  const hash = createHash('sha256')
  const most = pageSize(table)
  let rows = 0
  for (let last: Key | null = null; ; ) {
    const page: Row[] = await db.page(table, { after: last, upTo: null }, most)
    for (const row of page) hash.update(rowText(row))
    rows += page.length
    const end = page.at(-1)
    if (end) last = keyOf(table, end)
    if (page.length < most) return { rows, sha256: hash.digest('hex'), last }
  }
}

/** Whether two pages hold the same rows. */
export function sameRows(a: Row[], b: Row[]): boolean {
  return a.length === b.length && a.every((row, i) => rowText(row) === rowText(b[i] ?? {}))
}

type Row = Record<string, unknown>

/** A row as text: its values in the order of the table's shape, on a line of its own. */
function rowText(row: Row): string {
  return `${JSON.stringify(Object.values(row).map(plain))}\n`
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`
  return Buffer.isBuffer(value) ? value.toString('base64') : value
}
