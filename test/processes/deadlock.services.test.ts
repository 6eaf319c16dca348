import { expect, it } from '@jest/globals'
import { type Database, sql } from '../../src/platform/database/index.ts'
import { createNotes, note, noteIds, notes } from '../platform/database/notes.ts'
import { conflictsOf, openDoors, tempDatabase } from '../support/temp-database.ts'

/** Resolves for everybody when so many have come; those who come later are not kept waiting. */
function meeting(count: number): () => Promise<void> {
  const all = Promise.withResolvers<void>()
  let come = 0
  return () => {
    come += 1
    if (come === count) all.resolve()
    return all.promise
  }
}

/** Two units that lock the same two rows crosswise, which only the database can find out. */
async function crosswise(doors: [Database, Database]) {
  const bothHoldOne = meeting(2)
  const tries = [0, 0]
  const unit = (i: number, first: string, second: string) =>
    doors[i]?.write(async (db) => {
      tries[i] = (tries[i] ?? 0) + 1
      await db.insert(notes, [note(`unit${i}`)])
      await db.run(sql`UPDATE notes SET amount = amount + 1 WHERE id = ${first}`)
      await bothHoldOne()
      await db.run(sql`UPDATE notes SET amount = amount + 1 WHERE id = ${second}`)
    })
  await Promise.all([unit(0, 'a', 'b'), unit(1, 'b', 'a')])
  return tries
}

it('a deadlock ends with both units done, of which one was repeated as a whole', async () => {
  const { place, database } = await tempDatabase()
  await database.write(createNotes)
  await database.write((db) => db.insert(notes, [note('a'), note('b')]))
  const [left, right] = await openDoors(place, 2)
  if (!left || !right) throw new Error('there are two doors')

  const tries = await crosswise([left, right])
  expect(tries.toSorted()).toEqual([1, 2])
  expect(conflictsOf([left, right])).toBe(1)
  expect(await database.read(noteIds)).toEqual(['a', 'b', 'unit0', 'unit1'])
  const rows = await database.read((db) => db.select(notes, sql`WHERE amount = 2`))
  expect(rows.map(({ id }) => id).toSorted()).toEqual(['a', 'b'])
})

/** On MariaDB a deadlock ends the transaction, and what is sent after it begins none. */
it('a deadlock leaves nothing of what was sent after it', async () => {
  const { place, database } = await tempDatabase()
  await database.write(createNotes)
  const doors = await openDoors(place, 2)
  const bothHoldOne = meeting(2)
  const tries = [0, 0]
  const unit = (i: number, own: string, other: string) =>
    doors[i]?.write(async (db) => {
      tries[i] = (tries[i] ?? 0) + 1
      if (tries[i] === 1) {
        await db.insert(notes, [note(own)])
        await bothHoldOne()
        await db.insert(notes, [note(other)])
        await db.insert(notes, [note(`first try of unit ${i}`)])
      }
      await db.insert(notes, [note(`end of unit ${i}`)])
    })
  await Promise.all([unit(0, 'a', 'b'), unit(1, 'b', 'a')])

  expect(tries.toSorted()).toEqual([1, 2])
  const survivor = tries.indexOf(1)
  expect(await database.read(noteIds)).toEqual([
    'a',
    'b',
    'end of unit 0',
    'end of unit 1',
    `first try of unit ${survivor}`,
  ])
})
