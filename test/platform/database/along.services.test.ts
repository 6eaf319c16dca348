import { expect, it } from '@jest/globals'
import { deliveries } from '../../../src/delivery/index.ts'
import { column, type Reads, sql } from '../../../src/platform/database/index.ts'
import { doneDelivery } from '../../support/delivery.ts'
import { tempDatabase } from '../../support/temp-database.ts'

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

it('goes over no more rows than it finds, though the database has never heard of the value', async () => {
  const { place, database } = await tempDatabase()
  if (place.dialect === 'sqlite') throw new Error('SQLite counts nothing')
  const { dialect } = place
  const row = (i: number, status: 'delivered' | 'failed') =>
    doneDelivery(`dlv_${`${i}`.padStart(5, '0')}`, { status })
  const common = Array.from({ length: 5000 }, (_, i) => row(i + 10, 'delivered'))
  await database.write((db) => db.insert(deliveries, common))
  await database.write((db) => db.run(analyze[dialect]))
  const rare = [row(1, 'failed'), row(2, 'failed')]
  await database.write((db) => db.insert(deliveries, rare))

  const seen = await database.read(async (db) => {
    const before = await goneOver(db, dialect)
    const where = { status: 'failed' }
    const most = 50
    const found = [
      await db.along(deliveries, { where, order: 'newest first', most }),
      await db.along(deliveries, { where, below: 'dlv_00002', order: 'newest first', most }),
      await db.along(deliveries, { where, above: 'dlv_00001', order: 'oldest first', most }),
    ]
    return { found, count: (await goneOver(db, dialect)) - before }
  })
  expect(seen.found).toEqual([rare.toReversed(), [rare[0]], [rare[1]]])
  expect(seen.count).toBeLessThan(50)
})
