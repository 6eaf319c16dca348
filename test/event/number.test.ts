import { describe, expect, it } from '@jest/globals'
import { createNumberer } from '../../src/event/index.ts'
import { serviceSuite } from '../platform/service.suite.ts'
import { happen, numberedEvents, numberThem } from '../support/event.ts'
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
      Array.from({ length: 20 }, (_, j) => happen(door, [`evt_${j}_${i}`])),
    )
    await Promise.all(writing)
    const rows = await until('all are numbered', async () => {
      const some = await numberedEvents(database)
      return some.length === 60 && some
    })
    for (const one of numberers) await one.stop()
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1))
  })

  it('never gives a number that comes before one that was given', async () => {
    const { database } = await several(1)
    for (const id of ['evt_b', 'evt_a']) {
      await happen(database, [id])
      await numberThem(database)
    }
    const rows = await numberedEvents(database)
    expect(rows.map(({ seq, id }) => [seq, id])).toEqual([
      [1, 'evt_b'],
      [2, 'evt_a'],
    ])
  })
})
