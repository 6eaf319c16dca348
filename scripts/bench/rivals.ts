import { createDatabase } from '../../src/compose.ts'
import { openBeside, type Row, type Session } from './beside.ts'
import type { Host } from './host.ts'
import { startProgram } from './started.ts'

/** Runs the floor in a process of its own, with answers of the length given. */
export function withFloor<T>(length: number, work: (url: string) => Promise<T>): Promise<T> {
  return withDoor([`${length}`], work)
}

/** The floor with one bare commit before each answer. */
export function withCommittingFloor<T>(
  { host, databaseUrl, length }: { host: Host; databaseUrl: string; length: number },
  work: (url: string) => Promise<T>,
): Promise<T> {
  return withBareDatabase(host, databaseUrl, (bareUrl) =>
    withDoor([`${length}`, databaseUrl, bareUrl], work),
  )
}

async function withDoor<T>(args: string[], work: (url: string) => Promise<T>): Promise<T> {
  const floor = startProgram('./programs/floor.ts', { args })
  try {
    return await work(`${await floor.answer<string>()}/africa_bank`)
  } finally {
    await floor.stop()
  }
}

/**
 * Commits a payment's rows with nothing around: one transaction each, statement by statement
 * through the driver, prepared, into a database of its own. The rows are those of the payment that
 * the other database has.
 */
export type Bare = {
  /** The milliseconds of one transaction. */
  once(): Promise<number>
  /** Transactions a second, when so many callers want one again as soon as they had one. */
  rate(callers: number, seconds: number): Promise<number>
}

export function withBareCommits<T>(
  { host, databaseUrl, connections }: { host: Host; databaseUrl: string; connections?: number },
  work: (bare: Bare) => Promise<T>,
): Promise<T> {
  return withBareDatabase(host, databaseUrl, async (bareUrl) => {
    const { close, ...bare } = await openBare(databaseUrl, bareUrl, connections)
    try {
      return await work(bare)
    } finally {
      await close()
    }
  })
}

/** A database that has the accounts, and nothing else yet. */
async function withBareDatabase<T>(
  host: Host,
  databaseUrl: string,
  work: (bareUrl: string) => Promise<T>,
): Promise<T> {
  const { url, drop } = await host.fresh()
  try {
    await createDatabase({ DATABASE_URL: url })
    const { accounts = [] } = await firstRows(databaseUrl)
    const beside = await openBeside(url)
    await beside.session((session) => insertAll(session, 'accounts', accounts))
    await beside.close()
    return await work(url)
  } finally {
    await drop()
  }
}

export async function openBare(databaseUrl: string, bareUrl: string, connections = 1) {
  const rows = await firstRows(databaseUrl)
  const beside = await openBeside(bareUrl, connections)
  let made = 0
  const commit = (session: Session) => {
    made += 1
    return commitOnce(session, rows, made)
  }
  return {
    async once() {
      const began = performance.now()
      await beside.session(commit)
      return performance.now() - began
    },
    async rate(callers: number, seconds: number) {
      const before = made
      const began = performance.now()
      const calls = async () => {
        while (performance.now() - began < seconds * 1000) await beside.session(commit)
      }
      await Promise.all(Array.from({ length: callers }, calls))
      return ((made - before) / (performance.now() - began)) * 1000
    },
    close: beside.close,
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
    const names = Object.keys(row).filter((name) => name !== 'last')
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
