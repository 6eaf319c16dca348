import { describe, expect, it } from '@jest/globals'
import { sql } from '../../../src/platform/database/index.ts'
import { atEnd } from '../../support/at-end.ts'
import { openPlace, tempDatabase } from '../../support/temp-database.ts'
import { until } from '../../support/until.ts'

describe('watching for commits', () => {
  it('hears of another process within 50 ms, give or take a busy machine', async () => {
    const { place, database } = await tempDatabase()
    const other = await openPlace(place)
    let heardAt = Number.NaN
    const watch = database.watch(
      () => {
        heardAt = performance.now()
      },
      () => {},
    )
    await watch.start()
    atEnd(() => watch.stop())
    await until('the watch began', () => heardAt > 0)
    await other.write(async (db) => {
      await db.run(sql`UPDATE spool_totals SET id = 1`)
      db.announce('spool')
    })
    const committedAt = performance.now()
    await until('the commit was heard of', () => heardAt > committedAt - 5)
    expect(heardAt - committedAt).toBeLessThan(500)
  })
})
