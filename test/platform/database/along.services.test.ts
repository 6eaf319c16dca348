import { expect, it } from '@jest/globals'
import { anyOnRoute, deliveries } from '../../../src/delivery/index.ts'
import { countIn } from '../../../src/delivery/store.ts'
import type { Along } from '../../../src/platform/database/along.ts'
import { column, type Reads, sql } from '../../../src/platform/database/index.ts'
import { doneDelivery } from '../../support/delivery.ts'
import { tempDatabase } from '../../support/temp-database.ts'

const [first, second] = ['dlv_1', 'dlv_2']

const analyze = { postgres: sql`ANALYZE deliveries`, mariadb: sql`ANALYZE TABLE deliveries` }

const counted = {
  postgres: sql`SELECT COALESCE(SUM(idx_tup_fetch + seq_tup_read), 0) AS count
    FROM pg_stat_xact_user_tables WHERE relname = 'deliveries'`,
  mariadb: sql`SELECT SUM(variable_value) AS count FROM information_schema.session_status
    WHERE variable_name IN ('HANDLER_READ_KEY', 'HANDLER_READ_NEXT', 'HANDLER_READ_PREV',
      'HANDLER_READ_FIRST', 'HANDLER_READ_LAST', 'HANDLER_READ_RND_NEXT')`,
}

/** How many rows of deliveries this transaction has gone over. */
async function goneOver(db: Reads, dialect: 'postgres' | 'mariadb'): Promise<number> {
  const [row] = await db.rows({ count: column.integer() }, counted[dialect])
  return row?.count ?? Number.NaN
}

async function listed(db: Reads, range: Pick<Along, 'order' | 'above' | 'below'>) {
  const wanted = { where: { status: 'failed' }, most: 50, ...range }
  return (await db.select(deliveries, db.along(deliveries, wanted))).map(({ id }) => id)
}

/** What is asked beside many rows that were delivered on one route, and what is found. */
const questions: [string, (db: Reads) => Promise<unknown>, unknown][] = [
  ['the newest of a status', (db) => listed(db, { order: 'newest first' }), [second, first]],
  ['those before one', (db) => listed(db, { order: 'newest first', below: second }), [first]],
  ['those after one', (db) => listed(db, { order: 'oldest first', above: first }), [second]],
  ['how many are parked', (db) => countIn(db, 'parked', 10_000), 0],
  ['whether a route has any', (db) => anyOnRoute(db, 'another'), false],
]

it.each(questions)('%s: no row is gone over in vain', async (_, ask, expected) => {
  const { place, database } = await tempDatabase()
  if (place.dialect === 'sqlite') throw new Error('SQLite counts nothing')
  const { dialect } = place
  const common = Array.from({ length: 5000 }, (_, i) => doneDelivery(`dlv_${i + 5000}`))
  await database.write((db) => db.insert(deliveries, common))
  await database.write((db) => db.run(analyze[dialect]))
  const rare = [first, second].map((id) => doneDelivery(id, { status: 'failed' }))
  await database.write((db) => db.insert(deliveries, rare))

  const { found, count } = await database.read(async (db) => {
    const before = await goneOver(db, dialect)
    const answer = await ask(db)
    return { found: answer, count: (await goneOver(db, dialect)) - before }
  })
  expect(found).toEqual(expected)
  expect(count).toBeLessThan(20)
})
