import type { DataSource } from 'typeorm'
import { sleep } from '../clock.ts'
import { UserError } from '../problem.ts'
import { type Dialect, dialectOf, type Spelt } from './dialect.ts'
import { isBusy } from './failure.ts'

/**
 * Creates or changes tables; names the migrations it ran. Safe to repeat, and when two processes
 * do it at once, one of them waits and then finds the work done.
 */
export async function migrate(source: DataSource): Promise<string[]> {
  return aloneOn[dialectOf(source)](source, async () => {
    await refuseNewer(source)
    const inside = dialectOf(source) === 'sqlite'
    const done = await source.runMigrations({ transaction: inside ? 'none' : 'all' })
    return done.map(({ name }) => name)
  })
}

type Work<T> = () => Promise<T>

/** Runs work that no other process does at the same time, in each database's way. */
const aloneOn: Spelt<<T>(source: DataSource, work: Work<T>) => Promise<T>> = {
  // The only writer there is; its transaction is around the work, and there is none within.
  sqlite: async (source, work) => {
    const runner = source.createQueryRunner()
    await untilNotBusy(() => runner.query('BEGIN IMMEDIATE'))
    try {
      const result = await work()
      await runner.query('COMMIT')
      return result
    } catch (error) {
      await runner.query('ROLLBACK').catch(() => {})
      throw error
    }
  },
  postgres: (source, work) =>
    holding(source, work, {
      take: `SELECT pg_advisory_lock(hashtext('giro migrations'))`,
      release: `SELECT pg_advisory_unlock(hashtext('giro migrations'))`,
    }),
  // MariaDB's locks are of the whole server, so the database's name belongs to theirs.
  mariadb: (source, work) =>
    holding(source, work, {
      take: `SELECT GET_LOCK(CONCAT('giro migrations ', DATABASE()), 600)`,
      release: `SELECT RELEASE_LOCK(CONCAT('giro migrations ', DATABASE()))`,
    }),
}

const pauseMs = 50
const mostTries = 400

async function untilNotBusy(work: Work<unknown>, tries = 1): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isBusy(error) || tries === mostTries) throw error
    await sleep(pauseMs)
    await untilNotBusy(work, tries + 1)
  }
}

type Lock = { take: string; release: string }

/** The lock belongs to one connection, which is kept as long as the work takes. */
async function holding<T>(source: DataSource, work: Work<T>, { take, release }: Lock): Promise<T> {
  const runner = source.createQueryRunner()
  try {
    await runner.query(take)
    const result = await work()
    await runner.query(release)
    return result
  } finally {
    await runner.release()
  }
}

/** What a database is, and the migrations it has, oldest first. */
export type Status = {
  database: Dialect
  version: string
  /** `current`, `behind` what this code knows, or `newer`. */
  state: 'current' | 'behind' | 'newer'
  migrations: { name: string; state: 'applied' | 'missing' | 'unknown' }[]
}

export async function statusOf(source: DataSource): Promise<Status> {
  const database = dialectOf(source)
  const [row] = await source.query(versionQuery[database])
  const applied = await appliedNames(source)
  const known = namesIn(source)
  const unknown = applied.filter((name) => !known.includes(name))
  const missing = known.filter((name) => !applied.includes(name))
  return {
    database,
    version: `${row.version}`,
    state: unknown.length > 0 ? 'newer' : missing.length > 0 ? 'behind' : 'current',
    migrations: [
      ...known.map((name) => ({
        name,
        state: applied.includes(name) ? ('applied' as const) : ('missing' as const),
      })),
      ...unknown.map((name) => ({ name, state: 'unknown' as const })),
    ],
  }
}

const versionQuery: Spelt = {
  sqlite: 'SELECT sqlite_version() AS version',
  postgres: `SELECT current_setting('server_version') AS version`,
  mariadb: 'SELECT VERSION() AS version',
}

/** Only `create-db` and `start` change tables; everything else asks for them to be there. */
export async function requireCurrent(source: DataSource): Promise<void> {
  await refuseNewer(source)
  if ((await statusOf(source)).state !== 'current')
    throw new UserError('The database is not up to date: run manage create-db.')
}

async function refuseNewer(source: DataSource): Promise<void> {
  const known = namesIn(source)
  const strange = (await appliedNames(source)).find((name) => !known.includes(name))
  if (strange !== undefined)
    throw new UserError(
      `The database is newer than this Giro (it has ${strange}): run a newer Giro.`,
    )
}

function namesIn(source: DataSource): string[] {
  return source.migrations.map((one) => one.name ?? one.constructor.name)
}

async function appliedNames(source: DataSource): Promise<string[]> {
  const runner = source.createQueryRunner()
  try {
    if (!(await runner.hasTable('migrations'))) return []
    const rows: { name: string }[] = await runner.query('SELECT name FROM migrations')
    return rows.map(({ name }) => name)
  } finally {
    await runner.release()
  }
}
