import { expect, it } from '@jest/globals'
import { column, sql } from '../../../src/platform/database/index.ts'
import { query } from '../../support/place.ts'
import { tempDatabase } from '../../support/temp-database.ts'

/** How the server does what it is asked; it says so as text only from within a function. */
const shown = `CREATE FUNCTION shown() RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN
  RETURN QUERY EXECUTE 'EXPLAIN (ANALYZE) SELECT * FROM turns LIMIT 1'; END $$`

it('a look into a table along no index is not compiled', async () => {
  const { place, database } = await tempDatabase()
  await query(place, shown)
  const lines = await database.read((db) =>
    db.rows({ line: column.text(500) }, sql`SELECT line FROM shown() AS line`),
  )
  const plan = lines.map(({ line }) => line).join('\n')
  expect(plan).toContain('turns')
  expect(plan).not.toContain('JIT')
})
