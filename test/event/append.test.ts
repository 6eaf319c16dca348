import { describe, expect, it } from '@jest/globals'
import { append, byIds, type NewEvent } from '../../src/event/index.ts'
import type { Database } from '../../src/platform/database/index.ts'
import { numberedEvents, numberThem } from '../support/event.ts'
import { tempDatabase } from '../support/temp-database.ts'

const happened = (id: string, data: Record<string, unknown> = {}): NewEvent => ({
  id,
  type: 'payment.received',
  subject: 'pay_1',
  time: 1,
  data,
})

/** All events in their order, once those without a number have got theirs. */
async function numbered(database: Database) {
  await numberThem(database)
  return numberedEvents(database)
}

describe('the log of what happened', () => {
  it('is numbered in the order of writing, also across batches of every size', async () => {
    const { database } = await tempDatabase()
    const ids = Array.from({ length: 100 }, (_, i) => `evt_${100 + i}`)
    for (const count of [1, 33, 66])
      await database.write((db) =>
        append(
          db,
          ids.splice(0, count).map((id) => happened(id)),
        ),
      )
    const rows = await numbered(database)
    expect(rows.map(({ id }) => id)).toEqual(
      Array.from({ length: 100 }, (_, i) => `evt_${100 + i}`),
    )
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1))
  })

  it('has no gap where a unit failed', async () => {
    const { database } = await tempDatabase()
    await database.write((db) => append(db, [happened('evt_1')]))
    const failing = database.write(async (db) => {
      await append(db, [happened('evt_lost')])
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await database.write((db) => append(db, [happened('evt_2')]))
    const rows = await numbered(database)
    expect(rows.map(({ seq, id }) => [seq, id])).toEqual([
      [1, 'evt_1'],
      [2, 'evt_2'],
    ])
  })

  it('keeps the numbers that belong to an event as text, the same at every reading', async () => {
    const { database } = await tempDatabase()
    const data = { b: 1, a: 'Ünï "quoted" \u2028', n: null }
    await database.write((db) => append(db, [happened('evt_1', data)]))
    const read = async () => (await database.read((db) => byIds(db, ['evt_1']))).get('evt_1')
    expect((await read())?.data).toBe(JSON.stringify(data))
    expect(await read()).toEqual(await read())
  })
})
