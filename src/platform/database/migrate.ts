import { existsSync } from 'node:fs'
import type { DataSource } from 'typeorm'
import { sleep } from '../clock.ts'
import { UserError } from '../problem.ts'

/**
 * Creates or changes tables; names the migrations it ran. Safe to repeat, and when two processes
 * do it at once, one of them finds the work done.
 */
export async function migrate(source: DataSource, triesLeft = 3): Promise<string[]> {
  await refuseNewer(source)
  try {
    const done = await source.runMigrations()
    return done.map(({ name }) => name)
  } catch (error) {
    if (triesLeft === 0) throw error
    await sleep(pauseMs)
    return migrate(source, triesLeft - 1)
  }
}

const pauseMs = 200

/** Only `create-db` and `start` change tables; everything else asks for them to be there. */
export async function requireCurrent(source: DataSource): Promise<void> {
  const pending = await source.showMigrations()
  if (pending) throw new UserError('The database is not up to date: run manage create-db.')
  await refuseNewer(source)
}

export function requireFile(file: string): void {
  if (!existsSync(file))
    throw new UserError(`There is no database at ${file}: run manage create-db.`)
}

async function refuseNewer(source: DataSource): Promise<void> {
  const known = new Set(source.migrations.map((one) => one.name ?? one.constructor.name))
  const [table] = await source.query(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'`,
  )
  if (!table) return
  const applied: { name: string }[] = await source.query('SELECT name FROM migrations')
  const strange = applied.find(({ name }) => !known.has(name))
  if (strange)
    throw new UserError(
      `The database is newer than this Giro (it has ${strange.name}): run a newer Giro.`,
    )
}
