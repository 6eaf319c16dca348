import { copyFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { startProgram } from './started.ts'

/** Runs the floor in a process of its own, with answers of the length given. */
export async function withFloor<T>(length: number, work: (url: string) => Promise<T>): Promise<T> {
  const floor = startProgram('./programs/floor.ts', { args: [`${length}`] })
  try {
    return await work(`${await floor.answer<string>()}/africa_bank`)
  } finally {
    await floor.stop()
  }
}

const tables = ['proofs', 'spool', 'payments', 'transfers', 'events', 'deliveries']

type Row = Record<string, unknown>

/**
 * Commits a payment's rows with nothing around: the driver, its statements prepared, into a copy of
 * a database that has one payment. A call gives the milliseconds of one transaction.
 */
export function bareCommits(file: string, copy: string) {
  const source = new Database(file)
  source.pragma('wal_checkpoint(TRUNCATE)')
  source.close()
  copyFileSync(file, copy)
  const db = new Database(copy)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  const first = tables.map((table) => db.prepare(`SELECT * FROM ${table} LIMIT 1`).get() as Row)
  const inserts = tables.map((table, i) => {
    const names = Object.keys(first[i] ?? {}).filter((name) => name !== 'seq')
    const values = names.map((name) => `@${name}`)
    return db.prepare(`INSERT INTO ${table} (${names}) VALUES (${values})`)
  })
  const others = [
    db.prepare('UPDATE accounts SET debits = debits + 5500, credits = credits + 5500'),
    db.prepare('UPDATE spool_totals SET proofs = proofs + 1, bytes = bytes + 90'),
  ]
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  let made = 0

  return {
    once(): number {
      made += 1
      const rows = first.map((row) => renamed(row, made))
      const began = performance.now()
      begin.run()
      for (const [i, insert] of inserts.entries()) insert.run(rows[i])
      for (const update of others) update.run()
      commit.run()
      return performance.now() - began
    },
    close: () => db.close(),
  }
}

/** The same row with other ids, wherever they stand; one id becomes the same in every table. */
function renamed(row: Row, made: number): Row {
  const tail = `${made}`.padStart(10, '0')
  const rename = (value: unknown) =>
    typeof value === 'string'
      ? value.replaceAll(/(pay|prf|trf|evt|dlv)_\w{20,}/g, (id) => id.slice(0, -10) + tail)
      : value
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, rename(value)]))
}
