import { describe, expect, it } from '@jest/globals'
import BetterSqlite3 from 'better-sqlite3'
import { column, sql } from '../../../src/platform/database/index.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { openPlace, tempDatabase } from '../../support/temp-database.ts'
import { turns, watched } from '../../support/turns.ts'
import { createNotes, note, noteIds, notes } from './notes.ts'

async function withNotes(clock = manualClock().clock) {
  const { place, database } = await tempDatabase(clock)
  await database.write(createNotes)
  return { place, database, ids: () => database.read(noteIds) }
}

const one = { value: column.integer() }

describe('a unit of work', () => {
  it('keeps what was acknowledged when units overlap and one of them fails', async () => {
    const { database, ids } = await withNotes()
    const failing = database.write(async (db) => {
      await db.insert(notes, [note('lost')])
      await turns(10)
      throw new Error('changed my mind')
    })
    const others = ['a', 'b', 'c'].map((id) => database.write((db) => db.insert(notes, [note(id)])))
    await expect(failing).rejects.toThrow('changed my mind')
    await Promise.all(others)
    expect(await ids()).toEqual(['a', 'b', 'c'])
  })

  it('keeps all of its writes or none', async () => {
    const { database, ids } = await withNotes()
    const unit = database.write(async (db) => {
      await db.insert(notes, [note('first')])
      await db.insert(notes, [note('second', -1n)])
    })
    await expect(unit).rejects.toThrow('ck_notes_amount')
    expect(await ids()).toEqual([])
  })

  it.each([
    ['a write inside a write', 'write', 'write'],
    ['a read inside a read', 'read', 'read'],
    ['a write inside a read', 'read', 'write'],
    ['a read inside a write', 'write', 'read'],
  ] as const)('refuses %s, which could wait for itself for ever', async (_, outer, inner) => {
    const { database } = await withNotes()
    const nested = database[outer](async () => database[inner](async () => 'never'))
    await expect(nested).rejects.toThrow('must not wait for another inside it')
  })

  it('is not read before its commit', async () => {
    const { database, ids } = await withNotes()
    const held = Promise.withResolvers<void>()
    const writing = database.write(async (db) => {
      await db.insert(notes, [note('a')])
      await held.promise
    })
    expect(await ids()).toEqual([])
    held.resolve()
    await writing
    expect(await ids()).toEqual(['a'])
  })

  it('reads one snapshot, whatever is committed meanwhile', async () => {
    const { database, ids } = await withNotes()
    const held = Promise.withResolvers<void>()
    const began = Promise.withResolvers<void>()
    const reading = database.read(async (db) => {
      const before = await noteIds(db)
      began.resolve()
      await held.promise
      return [before, await noteIds(db)]
    })
    await began.promise
    await database.write((db) => db.insert(notes, [note('a')]))
    held.resolve()
    expect(await reading).toEqual([[], []])
    expect(await ids()).toEqual(['a'])
  })

  it('cannot write where it only reads', async () => {
    const { database } = await withNotes()
    const writing = database.read((db) =>
      db.rows(one, sql`INSERT INTO notes (id, amount, size) VALUES (${'a'}, 0, 0) RETURNING size`),
    )
    await expect(writing).rejects.toThrow(/read.?only/i)
  })
})

describe('another process in the way', () => {
  it('makes the whole unit be repeated, so that nothing of the first try is left', async () => {
    const { database, ids } = await withNotes()
    let tries = 0
    const result = await database.write(async (db) => {
      tries += 1
      await db.insert(notes, [note(`try${tries}`)])
      if (tries < 3) throw new BetterSqlite3.SqliteError('stale', 'SQLITE_BUSY_SNAPSHOT')
      return tries
    })
    expect(result).toBe(3)
    expect(await ids()).toEqual(['try3'])
  })

  it('loses nothing to us, nor we to it, when both write at once', async () => {
    const { place, database } = await withNotes()
    const second = await openPlace(place)
    const names = Array.from({ length: 40 }, (_, i) => `n${String(i).padStart(2, '0')}`)
    await Promise.all(
      names.map((id, i) => (i % 2 ? database : second).write((db) => db.insert(notes, [note(id)]))),
    )
    expect(await second.read(noteIds)).toEqual(names)
  })
})

describe('what was announced', () => {
  it('is told after the commit, and only to those who listen to it', async () => {
    const { database, ids } = await withNotes()
    const heard: string[] = []
    const stop = database.listen('spool', () => heard.push('spool'))
    database.listen('deliveries', () => heard.push('deliveries'))
    await database.write(async (db) => {
      db.announce('spool')
      db.announce('spool')
      await db.insert(notes, [note('a')])
      expect(heard).toEqual([])
    })
    expect(heard).toEqual(['spool'])
    expect(await ids()).toEqual(['a'])
    stop()
    await database.write(async (db) => db.announce('spool'))
    expect(heard).toEqual(['spool'])
  })

  it('is not told when the unit failed, and once when it was repeated', async () => {
    const { database } = await withNotes()
    let heard = 0
    database.listen('spool', () => {
      heard += 1
    })
    const failing = database.write(async (db) => {
      db.announce('spool')
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(heard).toBe(0)
    let tries = 0
    await database.write(async (db) => {
      db.announce('spool')
      tries += 1
      if (tries === 1) throw new BetterSqlite3.SqliteError('stale', 'SQLITE_BUSY_SNAPSHOT')
    })
    expect(heard).toBe(1)
  })
})

describe('the end', () => {
  it('waits for the units that are inside and refuses those that come then', async () => {
    const { database } = await withNotes()
    const held = Promise.withResolvers<void>()
    const unit = watched(database.write(() => held.promise))
    const closing = watched(database.close())
    await expect(database.write(async () => {})).rejects.toThrow('the database is closed')
    await expect(database.read(async () => {})).rejects.toThrow('the database is closed')
    await turns(5)
    expect(closing.settled()).toBe(false)
    held.resolve()
    await unit.promise
    await closing.promise
    expect(unit.settled()).toBe(true)
  })

  it('may come twice', async () => {
    const { database } = await withNotes()
    await database.close()
    await database.close()
  })
})
