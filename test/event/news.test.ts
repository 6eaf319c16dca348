import { describe, expect, it } from '@jest/globals'
import { createNews } from '../../src/event/index.ts'
import type { Database } from '../../src/platform/database/index.ts'
import { serviceSuite } from '../platform/service.suite.ts'
import { atEnd } from '../support/at-end.ts'
import { happen, numberThem } from '../support/event.ts'
import { quietLog } from '../support/quiet-log.ts'
import { openPlace, tempDatabase } from '../support/temp-database.ts'
import { until } from '../support/until.ts'

serviceSuite('the news', async () => newsOf((await tempDatabase()).database))

function newsOf(database: Database) {
  return createNews({ database, log: quietLog().log })
}

async function hearing() {
  const { place, database } = await tempDatabase()
  const news = newsOf(database)
  await news.start()
  atEnd(() => news.stop())
  const heard = { times: 0 }
  const leave = news.hear(() => {
    heard.times += 1
  })
  return { place, database, news, heard, leave }
}

describe('the news', () => {
  it('are told when this process has written, once the event has its number', async () => {
    const { database, heard } = await hearing()
    await happen(database, ['evt_1'])
    await numberThem(database)
    await until('it was heard', () => heard.times > 0)
  })

  it('are told when another process has written', async () => {
    const { place, heard } = await hearing()
    const other = await openPlace(place)
    await happen(other, ['evt_1'])
    await numberThem(other)
    await until('it was heard', () => heard.times > 0)
  })

  it('are not told again where something else was written', async () => {
    const { place, database, heard } = await hearing()
    await happen(database, ['evt_1'])
    await numberThem(database)
    await until('it was heard', () => heard.times === 1)
    const other = await openPlace(place)
    await other.write(async (db) => db.announce('spool'))
    await database.write(async (db) => db.announce('events'))
    await happen(database, ['evt_2'])
    await numberThem(database)
    await until('it was heard again', () => heard.times >= 2)
    expect(heard.times).toBe(2)
  })

  it('are not told to those who have left', async () => {
    const { database, news, heard, leave } = await hearing()
    leave()
    let others = 0
    news.hear(() => {
      others += 1
    })
    await happen(database, ['evt_1'])
    await numberThem(database)
    await until('somebody else heard it', () => others > 0)
    expect(heard.times).toBe(0)
  })

  it('end with the process, and then nobody waits any more', async () => {
    const { news } = await hearing()
    expect(news.ending.aborted).toBe(false)
    await news.stop()
    expect(news.ending.aborted).toBe(true)
  })
})
