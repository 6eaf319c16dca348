import {
  type Database,
  type Key,
  keyOf,
  type Range,
  type Table,
} from '../platform/database/index.ts'
import { sameRows } from './digest.ts'
import type { Mark } from './mark.ts'
import { pageSize, portions } from './page-size.ts'

type Copying = {
  source: Database
  target: Database
  mark: Mark
  /** Called after each page with how many rows are the same on both sides by now. */
  copied: (rows: number) => void
}

/**
 * Makes a table of the target the same as that of the source, page by page in the order of the
 * keys. A page that is the same already is only read: so an interrupted copy goes on where it
 * stopped, and rows that have changed since are written anew.
 */
export async function copyTable(table: Table, copying: Copying): Promise<void> {
  const { source, copied } = copying
  const most = pageSize(table)
  let rows = 0
  for (let after: Key | null = null; ; ) {
    const range: Range = { after, upTo: null }
    const page: Row[] = await source.read((db) => db.page(table, range, most))
    const end = page.length === most ? page.at(-1) : undefined
    const upTo: Key | null = end ? keyOf(table, end) : null
    await copyPage(table, { after, upTo, page }, copying)
    rows += page.length
    copied(rows)
    if (upTo === null) return
    after = upTo
  }
}

type Row = Record<string, unknown>

type Page = Range & { page: Row[] }

async function copyPage(table: Table, { page, ...range }: Page, copying: Copying): Promise<void> {
  const { target, mark } = copying
  const there = await rest(table, range, copying)
  if (sameRows(page, there)) return
  await target.write(async (db) => {
    await mark.assert(db)
    if (there.length > 0) await db.removeRange(table, range)
    for (const some of portions(page)) await db.insert(table, some)
  })
}

/**
 * What the target has of a range. Where that is more than a page, which the source has no more, it
 * is removed in pages first: a server ends a statement that takes long.
 */
async function rest(table: Table, range: Range, { target, mark }: Copying): Promise<Row[]> {
  const most = pageSize(table)
  for (;;) {
    const there: Row[] = await target.read((db) => db.page(table, range, most + 1))
    const end = there.length > most ? there.at(-1) : undefined
    if (!end) return there
    await target.write(async (db) => {
      await mark.assert(db)
      await db.removeRange(table, { ...range, upTo: keyOf(table, end) })
    })
  }
}
