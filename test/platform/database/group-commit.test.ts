import { describe, expect, it } from '@jest/globals'
import BetterSqlite3 from 'better-sqlite3'
import {
  type Database,
  DatabaseUnavailable,
  type Db,
  groupCommit,
} from '../../../src/platform/database/index.ts'
import { tempDatabase } from '../../support/temp-database.ts'
import { turns } from '../../support/turns.ts'
import { until } from '../../support/until.ts'
import { createNotes, note, noteIds, notes } from './notes.ts'

const names = (count: number) =>
  Array.from({ length: count }, (_, i) => `n${`${i}`.padStart(4, '0')}`)

/** Writes a note for each item and remembers the batches; what comes first in a batch may fail. */
async function batching({ sizeOf, fail = () => {} }: Batching = {}) {
  const { database } = await tempDatabase()
  await database.write(createNotes)
  const batches: string[][] = []
  const work = async (db: Db, items: string[]) => {
    batches.push(items)
    await db.insert(
      notes,
      items.map((id) => note(id)),
    )
    fail(items, batches.length)
    return items.map((id) => `${id} done`)
  }
  const write = groupCommit(database, sizeOf ? { work, sizeOf } : { work })
  return { database, batches, write }
}

type Batching = {
  sizeOf?: (item: string) => number
  fail?: (items: string[], call: number) => void
}

async function blocked(database: Database) {
  const held = Promise.withResolvers<void>()
  const inside = Array.from({ length: database.writers }, () => database.write(() => held.promise))
  return async () => {
    held.resolve()
    await Promise.all(inside)
  }
}

describe('group commit', () => {
  it('puts what came together into one batch and answers each with its own', async () => {
    const { database, batches, write } = await batching()
    const items = names(100)
    const answers = await Promise.all(items.map(write))
    expect(answers).toEqual(items.map((id) => `${id} done`))
    expect(batches).toEqual([items])
    expect(await database.read(noteIds)).toEqual(items)
  })

  it('takes along what keeps coming, turn after turn', async () => {
    const { batches, write } = await batching()
    const coming: Promise<string>[] = []
    const come = ([item, ...later]: string[]) => {
      if (item === undefined) return
      setImmediate(come, later)
      coming.push(write(item))
    }
    come(names(5))
    await turns(5)
    await Promise.all(coming)
    expect(batches).toEqual([names(5)])
  })

  it('does not wait for more when nothing more came', async () => {
    const { batches, write } = await batching()
    const first = write('n0001')
    await until('it is taken', () => batches.length === 1)
    await Promise.all([first, write('n0002')])
    expect(batches).toEqual([['n0001'], ['n0002']])
  })

  it('takes along what comes while the gate is not free', async () => {
    const { database, batches, write } = await batching()
    const open = await blocked(database)
    const first = names(3).map(write)
    await turns(5)
    const later = names(6).slice(3).map(write)
    await open()
    await Promise.all([...first, ...later])
    expect(batches).toEqual([names(6)])
  })

  it('bounds a batch in rows', async () => {
    const { batches, write } = await batching()
    await Promise.all(names(600).map(write))
    expect(batches.map(({ length }) => length)).toEqual([256, 256, 88])
    expect(batches.flat()).toEqual(names(600))
  })

  it('bounds a batch in bytes, and takes one that is larger by itself', async () => {
    const megabyte = 1024 * 1024
    const sizes = [3, 3, 3, 20, 5, 3]
    const sizeOf = (id: string) => (sizes[names(6).indexOf(id)] ?? 0) * megabyte
    const { batches, write } = await batching({ sizeOf })
    await Promise.all(names(6).map(write))
    const [a, b, c, d, e, f] = names(6)
    expect(batches).toEqual([[a, b], [c], [d], [e, f]])
  })

  it('lets one bad item harm no other', async () => {
    const fail = (items: string[]) => {
      if (items.includes('n0002')) throw new Error('n0002 is bad')
    }
    const { database, write } = await batching({ fail })
    const settled = await Promise.allSettled(names(5).map(write))
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    expect(settled[2]).toMatchObject({ reason: { message: 'n0002 is bad' } })
    expect(await database.read(noteIds)).toEqual(['n0000', 'n0001', 'n0003', 'n0004'])
  })

  it('tells those who wait when no unit could even begin', async () => {
    const { database } = await tempDatabase()
    const batches: string[][] = []
    const away = { ...database, write: () => Promise.reject(new DatabaseUnavailable('away')) }
    const write = groupCommit(away, {
      work: async (_, items: string[]) => {
        batches.push(items)
        return []
      },
    })
    const settled = await Promise.allSettled(names(3).map(write))
    for (const one of settled)
      expect(one).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseUnavailable) })
    expect(batches).toEqual([])
  })

  it('repeats the same batch when another process was in the way', async () => {
    const fail = (_: string[], call: number) => {
      if (call === 1) throw new BetterSqlite3.SqliteError('stale', 'SQLITE_BUSY_SNAPSHOT')
    }
    const { database, batches, write } = await batching({ fail })
    await Promise.all(names(3).map(write))
    expect(batches).toEqual([names(3), names(3)])
    expect(await database.read(noteIds)).toEqual(names(3))
  })

  it('tells all of a batch that the database is unavailable, and goes on afterwards', async () => {
    const fail = (_: string[], call: number) => {
      if (call === 1) throw new BetterSqlite3.SqliteError('disk full', 'SQLITE_FULL')
    }
    const { database, batches, write } = await batching({ fail })
    const settled = await Promise.allSettled(names(3).map(write))
    for (const one of settled)
      expect(one).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseUnavailable) })
    expect(batches).toEqual([names(3)])
    expect(await write('n0009')).toBe('n0009 done')
    expect(await database.read(noteIds)).toEqual(['n0009'])
  })

  it('answers everybody when work forgets an item, instead of mixing answers up', async () => {
    const { database } = await tempDatabase()
    const write = groupCommit(database, { work: async (_db, items: string[]) => items.slice(1) })
    const settled = await Promise.allSettled(names(3).map(write))
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  })

  it('rejects what comes after the end', async () => {
    const { database, write } = await batching()
    await database.close()
    await expect(write('n0000')).rejects.toThrow('the database is closed')
  })
})
