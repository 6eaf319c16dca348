import { describe, expect, it } from '@jest/globals'
import BetterSqlite3 from 'better-sqlite3'
import { QueryFailedError } from 'typeorm'
import { asUnavailable, isBusy } from '../../../src/platform/database/failure.ts'
import { column, DatabaseUnavailable, sql } from '../../../src/platform/database/index.ts'
import { writer } from '../../../src/platform/database/sqlite.ts'
import { atEnd } from '../../support/at-end.ts'
import { fileOf } from '../../support/place.ts'
import { migratedPlace, tempDatabase } from '../../support/temp-database.ts'

describe('the connection that writes', () => {
  it.each([
    ['synchronous', { synchronous: 2n }],
    ['journal_mode', { journal_mode: 'wal' }],
  ])('has %s such that a commit outlives a power cut', async (name, expected) => {
    const source = writer(fileOf(await migratedPlace()), { tables: [], migrations: [] })
    await source.initialize()
    atEnd(() => source.destroy())
    expect(await source.query(`PRAGMA ${name}`)).toEqual([expected])
  })

  it('still has them once the door is open, and never waits inside SQLite', async () => {
    const { database } = await tempDatabase()
    const full = sql`SELECT synchronous AS value FROM pragma_synchronous`
    const patience = sql`SELECT timeout AS value FROM pragma_busy_timeout`
    const value = { value: column.integer() }
    expect(await database.write((db) => db.rows(value, full))).toEqual([{ value: 2 }])
    expect(await database.write((db) => db.rows(value, patience))).toEqual([{ value: 0 }])
    expect(await database.read((db) => db.rows(value, patience))).toEqual([{ value: 0 }])
  })
})

describe('a failure of the machine', () => {
  const failed = (code: string) => new BetterSqlite3.SqliteError('it failed', code)

  it.each([
    'SQLITE_FULL',
    'SQLITE_READONLY',
    'SQLITE_READONLY_DBMOVED',
    'SQLITE_IOERR',
    'SQLITE_IOERR_WRITE',
    'SQLITE_IOERR_FSYNC',
    'SQLITE_CORRUPT',
    'SQLITE_CORRUPT_VTAB',
    'SQLITE_NOTADB',
    'SQLITE_CANTOPEN',
    'SQLITE_PERM',
    'SQLITE_PROTOCOL',
    'SQLITE_NOMEM',
    'SQLITE_BUSY',
  ])('%s is "unavailable", and its cause is kept for the log', (code) => {
    for (const error of [failed(code), new QueryFailedError('SELECT 1', [], failed(code))]) {
      const unavailable = asUnavailable(error)
      expect(unavailable).toBeInstanceOf(DatabaseUnavailable)
      expect(unavailable).toMatchObject({ cause: error })
    }
  })

  it.each(['SQLITE_CONSTRAINT_CHECK', 'SQLITE_ERROR', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG'])(
    '%s is none, but a fault of ours',
    (code) => {
      const error = failed(code)
      expect(asUnavailable(error)).toBe(error)
    },
  )

  it.each([
    ['SQLITE_BUSY', true],
    ['SQLITE_BUSY_SNAPSHOT', true],
    ['SQLITE_BUSY_RECOVERY', true],
    ['SQLITE_FULL', false],
    ['40001', true],
    ['40P01', true],
    ['57P01', false],
    ['ER_LOCK_DEADLOCK', true],
    ['ER_DISK_FULL', false],
  ])('%s may be tried again: %s', (code, again) => {
    expect(isBusy(failed(code))).toBe(again)
    expect(isBusy(new QueryFailedError('SELECT 1', [], failed(code)))).toBe(again)
  })

  it.each([['a string'], [null], [undefined], [{ code: 5 }], [new Error('other')]])(
    'is not seen in %p',
    (thrown) => {
      expect(asUnavailable(thrown)).toBe(thrown)
      expect(isBusy(thrown)).toBe(false)
    },
  )
})
