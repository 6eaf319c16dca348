import { existsSync } from 'node:fs'
import { DataSource } from 'typeorm'
import { type Clock, systemClock } from '../clock.ts'
import { UserError } from '../problem.ts'
import { createDatabase, type Database } from './database.ts'
import type { Dialect } from './dialect.ts'
import type { Engine } from './engine.ts'
import { entity } from './entity.ts'
import { codeOf } from './failure.ts'
import { mariadbOptions } from './mariadb-options.ts'
import { requireCurrent } from './migrate.ts'
import type { Schema } from './schema.ts'
import { timeouts } from './server.ts'
import { opened, sqliteEngine, tools } from './sqlite.ts'

/** Where a database is. `connections` is how many this process may have to a server. */
export type Place =
  | { dialect: 'sqlite'; file: string }
  | { dialect: Exclude<Dialect, 'sqlite'>; url: string; connections: number }

/** Opens the door to a database that is there and has the tables that this code knows. */
export async function connect(place: Place, schema: Schema): Promise<Database> {
  if (place.dialect === 'sqlite') requireFile(place.file)
  await withSource(place, schema, requireCurrent)
  return openDatabase(place, schema, systemClock)
}

/** Opens the door to a database, whatever tables it has. */
export async function openDatabase(place: Place, schema: Schema, clock: Clock): Promise<Database> {
  return createDatabase(await engineOf(place, schema), clock)
}

/** A server's driver is loaded where one is used. */
async function engineOf(place: Place, schema: Schema): Promise<Engine> {
  if (place.dialect === 'sqlite') return sqliteEngine(place.file, schema)
  if (place.dialect === 'postgres') return (await import('./postgres.ts')).postgresEngine(place)
  return (await import('./mariadb.ts')).mariadbEngine(place)
}

/** Lends out TypeORM's view of a database, for migrations and comparisons. */
export async function withSource<T>(
  place: Place,
  schema: Schema,
  work: (source: DataSource) => Promise<T>,
): Promise<T> {
  const source = await opened(() => sourceOf(place, schema)).catch((error) => {
    throw asUserError(error, place)
  })
  try {
    return await work(source)
  } finally {
    await source.destroy()
  }
}

/** TypeORM's view of a database, not opened yet. */
export function sourceOf(place: Place, schema: Schema): DataSource {
  if (place.dialect === 'sqlite') return tools(place.file, schema)
  const { dialect, url } = place
  const common = {
    entities: schema.tables.map((table) => entity(table, dialect)),
    migrations: schema.migrations,
    migrationsTransactionMode: 'all' as const,
    poolSize: 2,
  }
  if (dialect === 'postgres')
    return new DataSource({
      ...common,
      type: 'postgres',
      url,
      connectTimeoutMS: timeouts.connectMs,
      applicationName: 'giro',
    })
  return new DataSource({
    ...common,
    type: 'mariadb',
    connectTimeout: timeouts.connectMs,
    extra: mariadbOptions(url),
  })
}

export function requireFile(file: string): void {
  if (!existsSync(file))
    throw new UserError(`There is no database at ${file}: run manage create-db.`)
}

const refusedLogin = /^(28P01|28000|ER_ACCESS_DENIED_ERROR|ER_DBACCESS_DENIED_ERROR)$/
const noDatabase = /^(3D000|ER_BAD_DB_ERROR)$/
const notThere = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/

/** Says in one sentence why a server cannot be used, without the password that was tried. */
function asUserError(error: unknown, place: Place): unknown {
  if (place.dialect === 'sqlite') return error
  const { host, username, pathname } = new URL(place.url)
  const code = codeOf(error)
  const { message } = error as Error
  const sentence = (what: string, todo: string) =>
    new UserError(`${what}: ${todo} in DATABASE_URL.`)
  if (refusedLogin.test(code))
    return sentence(`The server at ${host} refuses ${username}`, 'correct the user or the password')
  if (noDatabase.test(code)) {
    const todo = 'create it there, or correct its name'
    return sentence(`The server at ${host} has no database ${pathname.slice(1)}`, todo)
  }
  if (notThere.test(code) || /timeout/i.test(message))
    return sentence(`No database answers at ${host} (${code || message})`, 'correct the address')
  return sentence(`The database at ${host} cannot be used (${message})`, 'correct what is wrong')
}
