import { describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/platform/clock.ts'
import { createIds } from '../../src/platform/id.ts'
import {
  createRedeliverer,
  createRedeliveries,
  redeliveryById,
} from '../../src/redelivery/index.ts'
import { serviceSuite } from '../platform/service.suite.ts'
import { quietLog } from '../support/quiet-log.ts'
import { wanted } from '../support/redelivering.ts'
import { tempDatabase } from '../support/temp-database.ts'
import { until } from '../support/until.ts'

async function opened() {
  const { database } = await tempDatabase()
  const deps = { clock: systemClock, newId: createIds(systemClock), database }
  const { log, lines } = quietLog()
  return { deps, database, lines, worker: createRedeliverer({ ...deps, log, most: 5 }) }
}

serviceSuite('the redeliverer', async () => (await opened()).worker)

describe('the redeliverer', () => {
  it('finds what was begun while it was at rest, and one after the other', async () => {
    const { deps, database, worker, lines } = await opened()
    await worker.start()
    const { start } = createRedeliveries(deps)
    const ids = [(await start(wanted())).id, (await start(wanted())).id]
    for (const id of ids)
      await until('it is done', async () => {
        const found = await database.read((db) => redeliveryById(db, id))
        return found?.status === 'done'
      })
    await worker.stop()
    expect(lines).toEqual([])
  })
})
