import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import BetterSqlite3 from 'better-sqlite3'
import { books } from '../../src/ledger/index.ts'
import { migrations } from '../../src/migrations/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import {
  type Database,
  migrate,
  openDatabase,
  type Place,
  type Schema,
  withSource,
} from '../../src/platform/database/index.ts'
import { atEnd } from './at-end.ts'
import { temporaryFolder } from './folder.ts'
import { emptyPlace, sqlitePlace } from './place.ts'

export type TempDatabase = { place: Place; database: Database }

/** A migrated database of the test's own, opened as Giro opens it; closed when the file ends. */
export async function tempDatabase(clock = systemClock): Promise<TempDatabase> {
  const place = await migratedPlace()
  const database = await openPlace(place, clock)
  return { place, database }
}

/** A migrated database that nobody has opened yet. */
export async function migratedPlace(): Promise<Place> {
  const place = await emptyPlace()
  if (place.dialect === 'sqlite') copyFileSync(await template(), place.file)
  else await migrateAt(place)
  return place
}

/** Opens the door to a database as one more process would. */
export async function openPlace(place: Place, clock = systemClock): Promise<Database> {
  const database = await openDatabase(place, { tables: [], migrations: [] }, clock)
  atEnd(() => database.close())
  return database
}

/** So many doors to one database, as processes that run beside each other have them. */
export function openDoors(place: Place, count: number): Promise<Database[]> {
  return Promise.all(Array.from({ length: count }, () => openPlace(place)))
}

/** How many units were begun anew on these doors because another process was in the way. */
export function conflictsOf(doors: Database[]): number {
  return doors.reduce((sum, { repeated }) => sum + repeated.conflict, 0)
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

let made: Promise<string> | undefined

/** Migrating a file takes a while, so it is done once and then copied. */
function template(): Promise<string> {
  made ??= (async () => {
    const file = join(temporaryFolder(), 'giro.db')
    await migrateAt(sqlitePlace(file))
    return file
  })()
  return made
}

async function migrateAt(place: Place): Promise<void> {
  const schema: Schema = { tables: [], migrations }
  await withSource(place, schema, migrate)
}
