import { copyFileSync, renameSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { DatabaseUnavailable, sql } from '../../../src/platform/database/index.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { fileOf } from '../../support/place.ts'
import { strangerTo, tempDatabase } from '../../support/temp-database.ts'
import { turns, watched } from '../../support/turns.ts'
import { createNotes, note, noteIds, notes } from './notes.ts'

async function withNotes(clock = manualClock().clock) {
  const { place, database } = await tempDatabase(clock)
  await database.write(createNotes)
  return { file: fileOf(place), database, ids: () => database.read(noteIds) }
}

describe('another process in the way', () => {
  it('is waited for while the event loop goes on', async () => {
    const { file, database, ids } = await withNotes()
    const other = strangerTo(file)
    other.exec('BEGIN IMMEDIATE')
    other.exec(`INSERT INTO notes VALUES ('theirs', 0, NULL, 0)`)
    const ours = watched(database.write((db) => db.insert(notes, [note('ours')])))

    const began = performance.now()
    await turns(200)
    expect(performance.now() - began).toBeLessThan(5000)
    expect(ours.settled()).toBe(false)
    other.exec('COMMIT')
    await ours.promise
    expect(await ids()).toEqual(['ours', 'theirs'])
  })

  it('cannot come between what a unit reads and what it then writes', async () => {
    const { file, database } = await withNotes()
    const other = strangerTo(file)
    await database.write(async (db) => {
      expect(await noteIds(db)).toEqual([])
      expect(() => other.exec('BEGIN IMMEDIATE')).toThrow('database is locked')
      await db.insert(notes, [note('a')])
    })
  })

  it('is given up on in the end, and the door stays usable', async () => {
    const { clock } = manualClock()
    const { file, database, ids } = await withNotes(clock)
    const other = strangerTo(file)
    other.exec('BEGIN IMMEDIATE')
    const ours = database.write((db) => db.insert(notes, [note('ours')]))
    await turns(20)
    clock.advance(60_000)
    await expect(ours).rejects.toThrow(DatabaseUnavailable)
    other.exec('ROLLBACK')
    await database.write((db) => db.insert(notes, [note('later')]))
    expect(await ids()).toEqual(['later'])
  })
})

describe('a machine that fails', () => {
  it('is unavailable when the file was moved away, and acknowledges nothing', async () => {
    const { file, database } = await withNotes()
    renameSync(file, `${file}.old`)
    const writing = database.write((db) => db.insert(notes, [note('a')]))
    await expect(writing).rejects.toThrow(DatabaseUnavailable)
  })

  it('is unavailable when another file was put at the path, even within a unit', async () => {
    const { file, database } = await withNotes()
    copyFileSync(file, `${file}.copy`)
    const writing = database.write(async (db) => {
      await db.insert(notes, [note('a')])
      renameSync(`${file}.copy`, file)
    })
    await expect(writing).rejects.toThrow(DatabaseUnavailable)
    await expect(database.write(createNotes)).rejects.toThrow(DatabaseUnavailable)
  })

  it('is unavailable when the disk is full, keeps what it has, and recovers', async () => {
    const { database, ids } = await withNotes()
    await database.write((db) => db.insert(notes, [note('before')]))
    await database.write((db) => db.rows({}, sql`PRAGMA max_page_count = 1`))
    const bulk = Array.from({ length: 4000 }, (_, i) => note(`${i}`.padStart(40, '0')))
    const writing = database.write((db) => db.insert(notes, bulk))
    await expect(writing).rejects.toThrow(DatabaseUnavailable)
    expect(await ids()).toEqual(['before'])
    await database.write((db) => db.rows({}, sql`PRAGMA max_page_count = 100000`))
    await database.write((db) => db.insert(notes, [note('after')]))
    expect(await ids()).toEqual(['after', 'before'])
  })

  it('is unavailable when it may not write', async () => {
    const { database } = await withNotes()
    await database.write((db) => db.rows({}, sql`PRAGMA query_only = 1`))
    const writing = database.write((db) => db.insert(notes, [note('a')]))
    await expect(writing).rejects.toThrow(DatabaseUnavailable)
  })
})
