import { createDatabase } from '../../src/compose.ts'
import { openBeside, type Row, type Session } from './beside.ts'
import type { Host } from './host.ts'
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

export type Bare = {
  /** The milliseconds of one transaction. */
  once(): Promise<number>
  /** Transactions a second, when so many callers want one again as soon as they had one. */
  rate(callers: number, seconds: number): Promise<number>
}

/**
 * Commits a payment's rows with nothing around: one transaction each, statement by statement
 * through the driver, prepared, into a database of its own. The rows are those of the payment that
 * the other database has.
 */
export async function withBareCommits<T>(
  { host, databaseUrl, connections = 1 }: { host: Host; databaseUrl: string; connections?: number },
  work: (bare: Bare) => Promise<T>,
): Promise<T> {
  const rows = await firstRows(databaseUrl)
  const { url, drop } = await host.fresh()
  await createDatabase({ DATABASE_URL: url })
  const beside = await openBeside(url, connections)
  let made = 0
  const commit = (session: Session) => {
    made += 1
    return commitOnce(session, rows, made)
  }
  try {
    await beside.session(({ query }) => insertAll({ query }, 'accounts', rows.accounts ?? []))
    return await work({
      async once() {
        const began = performance.now()
        await beside.session(commit)
        return performance.now() - began
      },
      async rate(callers, seconds) {
        const before = made
        const began = performance.now()
        const calls = async () => {
          while (performance.now() - began < seconds * 1000) await beside.session(commit)
        }
        await Promise.all(Array.from({ length: callers }, calls))
        return ((made - before) / (performance.now() - began)) * 1000
      },
    })
  } finally {
    await beside.close()
    await drop()
  }
}

/** What is written for each payment, and which rows of it are taken for a model. */
const models = {
  proofs: 'LIMIT 1',
  spool: 'LIMIT 1',
  payments: 'LIMIT 1',
  transfers: 'LIMIT 1',
  events: `WHERE type = 'payment.received' LIMIT 1`,
  deliveries: 'LIMIT 1',
}

type Models = Record<string, Row[]>

async function firstRows(databaseUrl: string): Promise<Models> {
  const beside = await openBeside(databaseUrl)
  const found: Models = {}
  await beside.session(async ({ query }) => {
    for (const [table, tail] of Object.entries(models))
      found[table] = await query(`SELECT * FROM ${table} ${tail}`)
    found.accounts = await query('SELECT * FROM accounts ORDER BY id')
  })
  await beside.close()
  return found
}

/** Accounts are locked in one order, or transactions side by side would wait crosswise. */
async function commitOnce(session: Session, rows: Models, made: number): Promise<void> {
  await session.query('BEGIN')
  for (const table of Object.keys(models))
    await insertAll(session, table, rows[table]?.map((row) => renamed(row, made)) ?? [])
  const add = 'UPDATE accounts SET debits = debits + 5500, credits = credits + 5500 WHERE id = ?'
  for (const { id } of rows.accounts ?? []) await session.query(add, [id])
  const grow = 'UPDATE spool_totals SET proofs = proofs + 1, bytes = bytes + ? WHERE id = 1'
  await session.query(grow, [90])
  await session.query('COMMIT')
}

async function insertAll({ query }: Session, table: string, rows: Row[]): Promise<void> {
  for (const row of rows) {
    const names = Object.keys(row).filter((name) => name !== 'seq')
    const marks = names.map(() => '?')
    const values = names.map((name) => row[name])
    await query(`INSERT INTO ${table} (${names}) VALUES (${marks})`, values)
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
