import { describe, expect, it } from '@jest/globals'
import { systemClock } from '../../../src/platform/clock.ts'
import { createDatabase } from '../../../src/platform/database/database.ts'
import type { Engine } from '../../../src/platform/database/engine.ts'
import { ConnectionLost } from '../../../src/platform/database/failure.ts'
import { type Db, sql } from '../../../src/platform/database/index.ts'
import { sqliteEngine } from '../../../src/platform/database/sqlite.ts'
import { createIds } from '../../../src/platform/id.ts'
import { atEnd } from '../../support/at-end.ts'
import { fileOf } from '../../support/place.ts'
import { tempDatabase } from '../../support/temp-database.ts'
import { createNotes, note, noteIds, notes } from './notes.ts'

const newId = createIds(systemClock)

/** Breaks the first connections at their COMMIT, which was or was not carried out. */
function breaking(
  engine: Engine,
  { carriedOut, times = 1 }: Given,
  broken: () => Promise<void>,
): Engine {
  let breaks = times
  return {
    ...engine,
    async begin(purpose) {
      const session = await engine.begin(purpose)
      return {
        ...session,
        async query(text, params) {
          if (text !== 'COMMIT' || purpose !== 'write' || breaks === 0)
            return session.query(text, params)
          breaks -= 1
          await session.query(carriedOut ? 'COMMIT' : 'ROLLBACK', [])
          await broken()
          throw new ConnectionLost('the cable was pulled')
        },
      }
    },
  }
}

type Given = {
  carriedOut: boolean
  times?: number
  broken?: (place: Awaited<ReturnType<typeof other>>) => unknown
}

async function other() {
  const { place, database } = await tempDatabase()
  await database.write(createNotes)
  return { place, database }
}

async function doorThatBreaks(given: Given) {
  const { broken = () => {} } = given
  const beside = await other()
  const engine = await sqliteEngine(fileOf(beside.place), { tables: [], migrations: [] })
  const door = createDatabase(
    breaking(engine, given, async () => void (await broken(beside))),
    systemClock,
  )
  atEnd(() => door.close())
  return { door, ids: () => beside.database.read(noteIds) }
}

/** As a payment opens an account where it is missing, and then books under an id of its own. */
async function book(db: Db, id: string): Promise<void> {
  const known = await db.select(notes, sql`WHERE id = ${'account'}`)
  if (known.length === 0) await db.insert(notes, [note('account')])
  await db.insert(notes, [note(id)])
}

describe('a unit whose connection broke at the commit', () => {
  it('is done once when the commit was carried out', async () => {
    const { door, ids } = await doorThatBreaks({ carriedOut: true })
    await door.write((db) => book(db, newId('trf')))
    expect(await ids()).toEqual(['account', expect.stringMatching(/^trf_/)])
    expect(door.repeated).toEqual({ conflict: 0, unknown_commit: 1 })
  })

  it('is repeated when it was not', async () => {
    const { door, ids } = await doorThatBreaks({ carriedOut: false })
    await door.write((db) => book(db, newId('trf')))
    expect(await ids()).toEqual(['account', expect.stringMatching(/^trf_/)])
  })

  it('is not taken for done because another process wrote the same account since', async () => {
    const { door, ids } = await doorThatBreaks({
      carriedOut: false,
      broken: ({ database }) => database.write((db) => book(db, 'of another')),
    })
    await door.write((db) => book(db, newId('trf')))
    expect(await ids()).toEqual(['account', 'of another', expect.stringMatching(/^trf_/)])
  })

  it('is done once when an earlier try of it came through after the look, and the next broke too', async () => {
    const made: string[] = []
    const { door, ids } = await doorThatBreaks({
      carriedOut: false,
      times: 2,
      async broken({ database }) {
        const [first] = made
        if (made.length === 2 && first)
          await database.write((db) => db.insert(notes, [note(first)]))
      },
    })
    const result = await door.write(async (db) => {
      const id = newId('trf')
      made.push(id)
      await db.insert(notes, [note(id)])
      return id
    })
    expect(result).toBe(made[0])
    expect(await ids()).toEqual([made[0]])
  })
})
