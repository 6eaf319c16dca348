import { describe, expect, it } from '@jest/globals'
import { createForgetter, oldSecrets, routesOf } from '../../src/party/index.ts'
import { type Database, sql } from '../../src/platform/database/index.ts'
import { serviceSuite } from '../platform/service.suite.ts'
import { atEnd } from '../support/at-end.ts'
import { quietLog } from '../support/quiet-log.ts'
import { openRoad, type Road } from '../support/road.ts'
import { until } from '../support/until.ts'

const kept = (database: Database) => database.read((db) => db.select(oldSecrets, sql`ORDER BY id`))

const forgetterOn = ({ database, clock }: Road) =>
  createForgetter({ database, clock, log: quietLog().log })

serviceSuite('the forgetter', async () => forgetterOn(await openRoad()))

describe('the forgetter', () => {
  it('removes the secrets that have ended, and only these', async () => {
    const road = await openRoad()
    await road.partner('partner1', 2)
    const routes = await road.database.read((db) => routesOf(db, ['partner1']))
    for (const [i, { id }] of routes.entries())
      await road.parties.rotateSecret('partner1', id, { overlap: [60, 3600][i] })
    road.clock.advance(60_000)
    const forgetter = forgetterOn(road)
    atEnd(() => forgetter.stop())
    await forgetter.start()
    await until('one is left', async () => (await kept(road.database)).length === 1)
    const [left] = await kept(road.database)
    expect(left?.endDate).toBeGreaterThan(road.clock.now())
  })
})
