import { describe, expect, it } from '@jest/globals'
import { append, createNumberer } from '../../src/event/index.ts'
import { events } from '../../src/event/schema.ts'
import { sql } from '../../src/platform/database/index.ts'
import { serviceSuite } from '../platform/service.suite.ts'
import { manualClock } from '../support/manual-clock.ts'
import { quietLog } from '../support/quiet-log.ts'
import { openPlace, tempDatabase } from '../support/temp-database.ts'
import { until } from '../support/until.ts'

async function several(count: number) {
  const { place, database } = await tempDatabase()
  const doors = [database]
  while (doors.length < count) doors.push(await openPlace(place))
  const numberers = doors.map((door) => {
    const { clock, newId } = manualClock()
    return createNumberer({ clock, newId, database: door, log: quietLog().log })
  })
  return { doors, numberers, database }
}

serviceSuite('the numberer of events', async () => {
  const { numberers } = await several(1)
  const [one] = numberers
  if (!one) throw new Error('there is one')
  return one
})

describe('the numberer of events', () => {
  it('gives each event one number, without a gap, however many numberers and writers', async () => {
    const { doors, numberers, database } = await several(3)
    for (const one of numberers) await one.start()
    const writing = doors.flatMap((door, i) =>
      Array.from({ length: 20 }, (_, j) =>
        door.write((db) =>
          append(db, [
            { id: `evt_${j}_${i}`, type: 'payer.created', subject: 'p', time: 0, data: {} },
          ]),
        ),
      ),
    )
    await Promise.all(writing)
    const rows = await until('all are numbered', async () => {
      const some = await database.read((db) =>
        db.select(events, sql`WHERE seq IS NOT NULL ORDER BY seq`),
      )
      return some.length === 60 && some
    })
    for (const one of numberers) await one.stop()
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1))
  })

  it('never gives a number that comes before one that was given', async () => {
    const { database } = await several(1)
    const write = (id: string) =>
      database.write((db) =>
        append(db, [{ id, type: 'payer.created', subject: 'p', time: 0, data: {} }]),
      )
    await write('evt_b')
    await database.write((db) => db.number(events, 10))
    await write('evt_a')
    await database.write((db) => db.number(events, 10))
    const rows = await database.read((db) => db.select(events, sql`ORDER BY seq`))
    expect(rows.map(({ id }) => id)).toEqual(['evt_b', 'evt_a'])
  })
})
