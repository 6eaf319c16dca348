import { describe, expect, it } from '@jest/globals'
import { sql, watchCommits } from '../../../src/platform/database/index.ts'
import { quietLog } from '../../support/quiet-log.ts'
import { openFile, tempDatabase } from '../../support/temp-database.ts'
import { until } from '../../support/until.ts'
import { serviceSuite } from '../service.suite.ts'

serviceSuite('the watch for commits', async () =>
  watchCommits((await tempDatabase()).database, quietLog().log, () => {}),
)

describe('watching for commits', () => {
  it('hears of another process within 50 ms, give or take a busy machine', async () => {
    const { file, database } = await tempDatabase()
    const other = await openFile(file)
    let heard = 0
    const watch = watchCommits(database, quietLog().log, () => {
      heard += 1
    })
    await watch.start()
    await until('the watch began', () => heard === 1)
    const began = performance.now()
    await other.write((db) => db.run(sql`UPDATE spool_totals SET id = 1`))
    await until('the commit was heard of', () => heard === 2)
    expect(performance.now() - began).toBeLessThan(500)
    await watch.stop()
  })
})
