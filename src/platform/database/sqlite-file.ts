import type { DataSource } from 'typeorm'
import { createUnit, type Reads } from './db.ts'
import { codeOf } from './failure.ts'
import { type Status, statusOf } from './migrate.ts'
import { withSource } from './open.ts'
import type { Schema } from './schema.ts'
import { opened, reader, sqliteSession } from './sqlite.ts'
import type { Table } from './table.ts'

/** What a file of SQLite's holds. Nothing is written to it, nor left beside it. */
export type Inspected = {
  db: Reads
  status: Status
  /** The tables that this code knows and the file has. */
  tables: Table[]
  rowsOf(table: Table): Promise<number>
}

/** The file is no database, or its pages do not hang together. */
export class DamagedFile extends Error {
  override name = 'DamagedFile'
}

/**
 * Writes one snapshot of a database that may be in use into a file, which is empty or not there.
 * What is written to the database meanwhile waits in its log, not at a lock.
 */
export async function snapshotInto(from: string, to: string, schema: Schema): Promise<void> {
  await withSource({ dialect: 'sqlite', file: from }, schema, (source) =>
    source.query('VACUUM INTO ?', [to]),
  )
}

/** Lends out what a file holds that nobody writes to, once all of its pages were found whole. */
export async function inspectFile<T>(
  file: string,
  schema: Schema,
  work: (inspected: Inspected) => Promise<T>,
): Promise<T> {
  let source: DataSource | undefined
  try {
    source = await opened(() => reader(file, schema))
    const session = sqliteSession(source)
    const ask = async (text: string) => (await session.query(text, [])).rows as Row[]
    const [found] = await ask('PRAGMA integrity_check(1)')
    if (found?.integrity_check !== 'ok') throw new DamagedFile(`${found?.integrity_check}`)
    const names = await ask(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    return await work({
      db: createUnit(session, 'sqlite').db,
      status: await statusOf(source),
      tables: schema.tables.filter((one) => names.some(({ name }) => name === one.name)),
      async rowsOf({ name }) {
        const [row] = await ask(`SELECT COUNT(*) AS count FROM ${name}`)
        return Number(row?.count)
      },
    })
  } catch (error) {
    throw /^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ)/.test(codeOf(error))
      ? new DamagedFile((error as Error).message, { cause: error })
      : error
  } finally {
    await source?.destroy()
  }
}

type Row = Record<string, unknown>
