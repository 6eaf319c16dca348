import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Giro, openGiro, registerSampleParties } from '../support/giro.ts'
import { sqlitePlace, tamper } from '../support/place.ts'
import { runManage } from '../support/program.ts'

let giro: Giro

beforeAll(async () => {
  giro = await openGiro()
  const serving = await giro.serve()
  await registerSampleParties(serving.api)
  await tell(serving.url, firstNotice)
})

describe('books that balance', () => {
  it('are so by all reckoning', () => expectBooksToBalance(giro))

  it.each([
    ['an account’s sum', 'UPDATE accounts SET credits = credits + 1 WHERE credits > 0'],
    ['both sums of two accounts', 'UPDATE accounts SET credits = credits + 7, debits = debits + 7'],
    ['the amount of a transfer', 'UPDATE transfers SET amount = amount - 1'],
    ['a transfer', 'DELETE FROM transfers'],
    ['an account', 'DELETE FROM accounts WHERE credits > 0'],
  ])('do not balance once somebody changed %s, and exit with 1', async (_what, change) => {
    const forged = await copyOf(giro)
    await tamper(forged.place, change)
    const { code, stdout } = await forged.books()
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ balanced: false })
  })
})

/** A copy of the database as it is now, made by SQLite itself. */
async function copyOf({ place, settings }: Giro) {
  const file = join(temporaryFolder(), 'copy.db')
  await tamper(place, `VACUUM INTO '${file}'`)
  const DATABASE_URL = `sqlite:${file}`
  return {
    place: sqlitePlace(file),
    books: () => runManage(['books', '--json'], { ...settings, DATABASE_URL }),
  }
}
