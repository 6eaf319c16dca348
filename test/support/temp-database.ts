import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import BetterSqlite3 from 'better-sqlite3'
import type { MigrationInterface } from 'typeorm'
import { books } from '../../src/ledger/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import {
  type Database,
  migrate,
  openDatabase,
  reader,
  writer,
} from '../../src/platform/database/index.ts'
import { atEnd } from './at-end.ts'
import { temporaryFolder } from './folder.ts'

export type TempDatabase = { file: string; database: Database }

/** A migrated database of the test's own, opened as Giro opens it; closed when the file ends. */
export async function tempDatabase(clock = systemClock): Promise<TempDatabase> {
  const file = await tempFile()
  const database = await openFile(file, clock)
  return { file, database }
}

/** The file of a migrated database that nobody has opened yet. */
export async function tempFile(): Promise<string> {
  const file = join(temporaryFolder(), 'giro.db')
  template ??= makeTemplate()
  copyFileSync(await template, file)
  return file
}

/** Opens the door to a database file as one more process would. */
export async function openFile(file: string, clock = systemClock): Promise<Database> {
  const write = writer(file, nothing)
  await write.initialize()
  const read = reader(file, nothing)
  await read.initialize()
  const database = await openDatabase({ file, write, read, clock })
  atEnd(() => database.close())
  return database
}

/** A connection beside the door, as another program would have it. Integers arrive as bigint. */
export function strangerTo(file: string): BetterSqlite3.Database {
  const connection = new BetterSqlite3(file, { timeout: 0 })
  connection.defaultSafeIntegers(true)
  atEnd(() => connection.close())
  return connection
}

export async function expectBooksToBalance(database: Database): Promise<void> {
  expect(await database.read(books)).toMatchObject({ balanced: true, wrong: [] })
}

const nothing = { tables: [], migrations: [] }

let template: Promise<string> | undefined

/** Migrating takes a while, so it is done once and then copied. */
async function makeTemplate(): Promise<string> {
  const file = join(temporaryFolder(), 'giro.db')
  const source = writer(file, { tables: [], migrations: await allMigrations() })
  await source.initialize()
  await migrate(source)
  await source.destroy()
  return file
}

type Migration = new () => MigrationInterface

async function allMigrations(): Promise<Migration[]> {
  const folder = new URL('../../src/migrations/', import.meta.url)
  const modules: Record<string, Migration>[] = await Promise.all(
    readdirSync(folder)
      .toSorted()
      .map((file) => import(new URL(file, folder).href)),
  )
  return modules.flatMap((module) => Object.values(module))
}
