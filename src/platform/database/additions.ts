import type { Addition } from './add.ts'
import { inOrder } from './order.ts'
import type { Table } from './table.ts'

type Row = Addition['rows'][number]

type Pending = Omit<Addition, 'rows'> & { byKey: Map<string, Row> }

/** Additions that a unit has put off: one for each table, one row for each key, in their order. */
export function createAdditions() {
  const pending = new Map<Table, Pending>()
  return {
    put({ table, key, sums, rows }: Addition) {
      if (rows.length === 0) return
      const own = pending.get(table) ?? { table, key, sums, byKey: new Map() }
      for (const row of rows) sumUp(own, row)
      pending.set(table, own)
    },
    /** All that was put off, which is then no longer so. */
    take(): Addition[] {
      if (pending.size === 0) return []
      const all = inOrder(pending.values(), ({ table }) => table.name)
      pending.clear()
      return all.map(({ byKey, ...addition }) => ({
        ...addition,
        rows: inOrder(byKey, ([key]) => key).map(([, row]) => row),
      }))
    },
  }
}

function sumUp({ key, sums, byKey }: Pending, row: Row): void {
  const id = `${row[key]}`
  const known = byKey.get(id)
  if (!known) byKey.set(id, { ...row })
  else for (const name of sums) known[name] = plus(known[name], row[name])
}

function plus(a: unknown, b: unknown): unknown {
  return typeof a === 'bigint' ? a + (b as bigint) : (a as number) + (b as number)
}
