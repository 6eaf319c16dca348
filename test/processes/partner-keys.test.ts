import { expect, it } from '@jest/globals'
import { createKeys } from '../../src/access/index.ts'
import { partnerOf } from '../../src/party/index.ts'
import { Refused } from '../../src/platform/problem.ts'
import { openRoad } from '../support/road.ts'
import { openPlace } from '../support/temp-database.ts'

const rounds = 40

it('a key that one process makes for a partner whom another removes is good for nothing', async () => {
  const road = await openRoad()
  const keys = createKeys({
    ...road.tools,
    database: await openPlace(road.place, road.clock),
    requirePartner: (db, accountId) => partnerOf(db, accountId, 'refer'),
  })
  for (let i = 0; i < rounds; i += 1) {
    const account_id = `partner${i}`
    await road.partner(account_id, 0)
    const make = () =>
      keys.create({ name: 'a test', scope: 'partner', account_id }).catch((error) => {
        if (!(error instanceof Refused)) throw error
        return null
      })
    const both = [make, () => road.parties.deletePartner(account_id)]
    await Promise.all((i % 2 ? both : both.toReversed()).map((start) => start()))
  }
  const made = await keys.list()
  expect(made.filter(({ revokeDate }) => revokeDate === null)).toEqual([])
})
