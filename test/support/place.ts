import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { placeOf } from '../../src/platform/config/index.ts'
import type { Place } from '../../src/platform/database/index.ts'
import { mariadbOptions } from '../../src/platform/database/mariadb-options.ts'
import { atEnd } from './at-end.ts'
import { temporaryFolder } from './folder.ts'

declare global {
  /** The server on which this run of the suite makes its databases; none means SQLite's files. */
  var databaseServer: string | undefined
}

/** A place where no database is yet, of the test's own; gone when the test file ends. */
export async function emptyPlace(): Promise<Place> {
  const server = globalThis.databaseServer
  if (server === undefined) return sqlitePlace(join(temporaryFolder(), 'giro.db'))
  const name = `giro_test_${randomBytes(6).toString('hex')}`
  const url = new URL(server)
  url.pathname = `/${name}`
  const place = placeOf({ databaseUrl: url.href, databaseConnections: 4 })
  const { create, drop } = statements(place, name)
  await administer(server, create)
  atEnd(() => administer(server, drop))
  return place
}

/** What DATABASE_URL says for a place. */
export function urlOf(place: Place): string {
  return place.dialect === 'sqlite' ? `sqlite:${place.file}` : place.url
}

export function sqlitePlace(file: string): Place & { dialect: 'sqlite' } {
  return { dialect: 'sqlite', file }
}

/** The file of a place that is one; tests of what only files can do ask for it. */
export function fileOf(place: Place): string {
  if (place.dialect !== 'sqlite') throw new Error('this is not a database in a file')
  return place.file
}

export type Row = Record<string, unknown>

/** Runs one query on the database itself, as nobody in Giro would. Integers are bigints. */
export async function query(place: Place, text: string, ...params: unknown[]): Promise<Row[]> {
  if (place.dialect === 'sqlite') return querySqlite(place.file, text, params)
  if (place.dialect === 'postgres') return queryPostgres(place.url, text, params)
  return queryMariadb(place.url, text, params)
}

/** Changes the database behind Giro's back. */
export async function tamper(place: Place, statement: string): Promise<void> {
  await query(place, statement)
}

/** How each server makes and removes a database; open connections do not keep one alive. */
function statements(place: Place, name: string) {
  return place.dialect === 'postgres'
    ? {
        create: `CREATE DATABASE ${name} TEMPLATE template0`,
        drop: `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
      }
    : { create: `CREATE DATABASE ${name}`, drop: `DROP DATABASE IF EXISTS ${name}` }
}

async function administer(server: string, statement: string): Promise<void> {
  if (server.startsWith('postgres')) await queryPostgres(server, statement, [])
  else await queryMariadb(server, statement, [])
}

function querySqlite(file: string, text: string, params: unknown[]): Row[] {
  const database = new BetterSqlite3(file, { fileMustExist: true })
  try {
    const statement = database.defaultSafeIntegers(true).prepare(text)
    if (statement.reader) return statement.all(...params) as Row[]
    statement.run(...params)
    return []
  } finally {
    database.close()
  }
}

const int8 = 20

async function queryPostgres(url: string, text: string, params: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  client.setTypeParser(int8, BigInt)
  await client.connect()
  try {
    let count = 0
    const numbered = text.replaceAll('?', () => {
      count += 1
      return `$${count}`
    })
    return (await client.query(numbered, params)).rows
  } finally {
    await client.end()
  }
}

async function queryMariadb(url: string, text: string, params: unknown[]): Promise<Row[]> {
  const connection = await mysql.createConnection({
    ...mariadbOptions(url),
    typeCast: (field, next) => (field.type === 'LONGLONG' ? bigintOrNull(field.string()) : next()),
  })
  try {
    const [rows] = await connection.query(text, params)
    return Array.isArray(rows) ? (rows as Row[]) : []
  } finally {
    await connection.end()
  }
}

function bigintOrNull(text: string | null): bigint | null {
  return text === null ? null : BigInt(text)
}
