import { describe, expect, it } from '@jest/globals'
import type { Database } from '../../../src/platform/database/index.ts'
import { openPlace, tempDatabase } from '../../support/temp-database.ts'
import { createNotes, note, noteIds, notes } from './notes.ts'

async function withNotes() {
  const { place, database } = await tempDatabase()
  await database.write(createNotes)
  return { place, database, ids: () => database.read(noteIds) }
}

describe('two units that lock crosswise', () => {
  it('are both done, and what one had sent behind its failure is not kept', async () => {
    const { place, database, ids } = await withNotes()
    const arrived = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() }
    const crosswise = (door: Database, own: 'a' | 'b', other: 'a' | 'b') => {
      let tries = 0
      return door.write(async (db) => {
        tries += 1
        if (tries > 1) return db.insert(notes, [note(`${own} again`)])
        await db.insert(notes, [note(own)])
        await noteIds(db)
        arrived[own].resolve()
        await arrived[other].promise
        await db.insert(notes, [note(other)])
        await db.insert(notes, [note(`${own} behind`)])
      })
    }
    await Promise.all([crosswise(database, 'a', 'b'), crosswise(await openPlace(place), 'b', 'a')])
    const kept = await ids()
    const [winner, loser] = kept.includes('a again') ? ['b', 'a'] : ['a', 'b']
    expect(kept).toEqual(['a', 'b', `${winner} behind`, `${loser} again`].toSorted())
  })
})
