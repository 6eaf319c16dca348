import { describe, expect, it } from '@jest/globals'
import { deliveries } from '../../../src/delivery/index.ts'
import { column, isConstraint, list, sql } from '../../../src/platform/database/index.ts'
import { openDelivery } from '../../support/delivery.ts'
import { tempDatabase } from '../../support/temp-database.ts'
import { createNotes, note, noteIds, notes } from './notes.ts'

async function withNotes() {
  const { database } = await tempDatabase()
  await database.write(createNotes)
  return database
}

const named = (count: number) =>
  Array.from({ length: count }, (_, i) => note(`n${`${i}`.padStart(4, '0')}`, BigInt(i)))

describe('insert', () => {
  it.each([0, 1, 2, 31, 32, 33, 100])('writes %d rows, each once and as it is', async (count) => {
    const database = await withNotes()
    await database.write((db) => db.insert(notes, named(count)))
    expect(await database.read((db) => db.select(notes, sql`ORDER BY id`))).toEqual(named(count))
  })

  it('refuses a row that lacks a member instead of guessing one', async () => {
    const database = await withNotes()
    const { other: _, ...lacking } = note('a')
    const writing = database.write((db) => db.insert(notes, [lacking as ReturnType<typeof note>]))
    await expect(writing).rejects.toThrow('notes.other is given')
  })

  it('is refused by the rules of the schema, and says so', async () => {
    const database = await withNotes()
    const error = await database
      .write((db) => db.insert(notes, [note('a'), note('a')]))
      .catch((thrown) => thrown)
    expect(isConstraint(error)).toBe(true)
    expect(isConstraint(new Error('another'))).toBe(false)
  })
})

describe('an integer', () => {
  it.each([2n ** 53n + 1n, 2n ** 63n - 1n, 9_007_199_254_740_993n])(
    'of %s is read back exactly',
    async (amount) => {
      const database = await withNotes()
      const row = { id: 'a', amount, other: -amount, size: Number.MAX_SAFE_INTEGER }
      await database.write((db) => db.insert(notes, [row]))
      expect(await database.read((db) => db.select(notes, sql`WHERE id = ${'a'}`))).toEqual([row])
      const matched = sql`SELECT COUNT(*) AS size FROM notes WHERE amount = ${amount}`
      const counted = await database.read((db) => db.rows({ size: column.integer() }, matched))
      expect(counted).toEqual([{ size: 1 }])
    },
  )
})

describe('firstOfEach', () => {
  const pending = { column: 'status', value: 'pending' }
  const firstOfEach = { table: deliveries, by: 'routeId', first: 'dueDate' }
  const { routeId, dueDate } = deliveries.shape
  const open = (status: 'pending' | 'sending', route: string, due: number) =>
    openDelivery(`dlv_${route}${due}`, {
      status,
      routeId: route,
      dueDate: due,
      claimId: status === 'sending' ? 'clm' : null,
    })

  it('finds the first row of each group among those with the value, and no other group', async () => {
    const { database } = await tempDatabase()
    await database.write((db) =>
      db.insert(deliveries, [
        ...[open('pending', 'a', 7), open('pending', 'a', 3), open('pending', 'a', 5)],
        ...[open('pending', 'b', 4), open('sending', 'b', 1), open('sending', 'c', 2)],
      ]),
    )
    const found = (where?: typeof pending) =>
      database.read((db) => {
        const firsts = db.firstOfEach({ ...firstOfEach, ...(where && { where }) })
        const all = sql`SELECT * FROM (${firsts}) AS firsts ORDER BY route_id`
        return db.rows({ routeId, dueDate }, all)
      })
    expect(await found(pending)).toEqual([
      { routeId: 'a', dueDate: 3 },
      { routeId: 'b', dueDate: 4 },
    ])
    expect(await found()).toEqual([
      { routeId: 'a', dueDate: 3 },
      { routeId: 'b', dueDate: 1 },
      { routeId: 'c', dueDate: 2 },
    ])
  })

  it('finds nothing where nothing is', async () => {
    const { database } = await tempDatabase()
    const firsts = await database.read((db) =>
      db.rows({}, db.firstOfEach({ ...firstOfEach, where: pending })),
    )
    expect(firsts).toEqual([])
  })
})

describe('add', () => {
  it('adds to each row its own numbers, whatever the number of rows', async () => {
    const database = await withNotes()
    await database.write((db) => db.insert(notes, named(100)))
    const more = named(70).map((row, i) => ({ ...row, amount: BigInt(i * 1000), size: i }))
    await database.write((db) => db.add(notes, { key: 'id', sums: ['amount', 'size'] }, more))
    const stored = await database.read((db) => db.select(notes, sql`ORDER BY id`))
    expect(stored.map(({ amount, size }) => ({ amount, size }))).toEqual(
      named(100).map((_, i) => ({
        amount: BigInt(i < 70 ? i * 1001 : i),
        size: i < 70 ? i : 0,
      })),
    )
  })

  it('is exact above what a float could hold', async () => {
    const database = await withNotes()
    await database.write(async (db) => {
      await db.insert(notes, [note('a', 2n ** 60n)])
      await db.add(notes, { key: 'id', sums: ['amount'] }, [note('a', 1n)])
    })
    const [row] = await database.read((db) => db.select(notes, sql`WHERE id = ${'a'}`))
    expect(row?.amount).toBe(2n ** 60n + 1n)
  })

  it('is judged by what a row comes to, not by the difference', async () => {
    const database = await withNotes()
    await database.write((db) => db.insert(notes, [note('a', 10n)]))
    const take = (amount: bigint) =>
      database.write((db) => db.add(notes, { key: 'id', sums: ['amount'] }, [note('a', amount)]))
    await take(-10n)
    await expect(take(-1n)).rejects.toThrow('ck_notes_amount')
  })

  it('is a fault where a row is not there, and nothing is kept', async () => {
    const database = await withNotes()
    await database.write((db) => db.insert(notes, [note('a', 1n)]))
    const adding = database.write((db) =>
      db.add(notes, { key: 'id', sums: ['amount'] }, [note('a', 1n), note('b', 1n)]),
    )
    await expect(adding).rejects.toThrow('all rows to add to are there')
    const [row] = await database.read((db) => db.select(notes, sql`WHERE id = ${'a'}`))
    expect(row?.amount).toBe(1n)
  })
})

describe('run', () => {
  it('says how many rows it met', async () => {
    const database = await withNotes()
    await database.write((db) => db.insert(notes, named(5)))
    const some = list(['n0001', 'n0002', 'n0003', 'nobody'])
    expect(await database.write((db) => db.run(sql`DELETE FROM notes WHERE id IN ${some}`))).toBe(3)
    expect(
      await database.write((db) => db.run(sql`DELETE FROM notes WHERE id IN ${list([])}`)),
    ).toBe(0)
    expect(await database.read(noteIds)).toEqual(['n0000', 'n0004'])
  })
})
