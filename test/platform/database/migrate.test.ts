import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import type { DataSource } from 'typeorm'
import { schema } from '../../../src/compose.ts'
import { createTable, migrate, type Place, sourceOf } from '../../../src/platform/database/index.ts'
import { requireCurrent } from '../../../src/platform/database/migrate.ts'
import { UserError } from '../../../src/platform/problem.ts'
import { atEnd } from '../../support/at-end.ts'
import { catalogOf } from '../../support/catalog.ts'
import { freshSettings } from '../../support/giro.ts'
import { emptyPlace } from '../../support/place.ts'
import { runManage } from '../../support/program.ts'

/** Giro's own description of its database, at a place where no table is yet. */
async function emptyDatabase(): Promise<DataSource> {
  return opened(await emptyPlace())
}

async function opened(place: Place): Promise<DataSource> {
  const source = sourceOf(place, schema)
  await source.initialize()
  atEnd(() => source.destroy())
  return source
}

describe('the migrations', () => {
  it('leave nothing that TypeORM would change', async () => {
    const source = await emptyDatabase()
    await migrate(source)
    const { upQueries } = await source.driver.createSchemaBuilder().log()
    expect(upQueries.map(({ query }) => query)).toEqual([])
  })

  it('make the very columns, keys, checks and indexes that the code describes', async () => {
    const migrated = await emptyDatabase()
    await migrate(migrated)
    const described = await emptyDatabase()
    const runner = described.createQueryRunner()
    for (const { name, description } of schema.tables) await createTable(runner, name, description)
    await runner.release()
    const { migrations: _, ...catalog } = await catalogOf(migrated)
    expect(catalog).toEqual(await catalogOf(described))
  })

  it('are seen to drift where a column, a check or an index is another', async () => {
    const source = await emptyDatabase()
    await migrate(source)
    const before = await catalogOf(source)
    const on = source.options.type === 'mariadb' ? ' ON deliveries' : ''
    await source.query(`DROP INDEX ix_deliveries_due_date${on}`)
    await source.query('ALTER TABLE payers ADD COLUMN nickname varchar(255)')
    await source.query('DROP TABLE spool_totals')
    await source.query(
      'CREATE TABLE spool_totals (id bigint NOT NULL, proofs bigint, bytes bigint NOT NULL)',
    )
    const after = await catalogOf(source)
    const changed = Object.keys(before).filter(
      (name) => !isDeepStrictEqual(before[name], after[name]),
    )
    expect(changed.toSorted()).toEqual(['deliveries', 'payers', 'spool_totals'])
  })

  it('say what they did the first time, and do nothing the second time', async () => {
    const source = await emptyDatabase()
    expect(await migrate(source)).not.toEqual([])
    expect(await migrate(source)).toEqual([])
    await requireCurrent(source)
  })

  it('are listed by manage db status, which exits with 1 until all are there', async () => {
    const { settings } = await freshSettings()
    await runManage(['create-db'], settings)
    const status = await runManage(['db', 'status', '--json'], settings)
    expect(status.code).toBe(0)
    const { state, migrations } = JSON.parse(status.stdout)
    expect(state).toBe('current')
    expect(migrations).toContainEqual({ name: 'Spine1795219200000', state: 'applied' })
  })

  it('can be taken back, and made again', async () => {
    const source = await emptyDatabase()
    const done = await migrate(source)
    const made = await catalogOf(source)
    for (const _ of done) await source.undoLastMigration()
    expect(Object.keys(await catalogOf(source))).toEqual(['migrations'])
    await migrate(source)
    expect(await catalogOf(source)).toEqual(made)
  })

  it('may be run by several processes at once', async () => {
    const { place, settings } = await freshSettings()
    const runs = await Promise.all([1, 2, 3].map(() => runManage(['create-db'], settings)))
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(Array(3).fill([0, '']))
    const source = await opened(place)
    await requireCurrent(source)
    const applied: { name: string }[] = await source.query('SELECT name FROM migrations')
    expect(new Set(applied.map(({ name }) => name)).size).toBe(applied.length)
  })
})

describe('a database that does not fit', () => {
  it('is refused with a sentence when it lacks tables', async () => {
    await expect(requireCurrent(await emptyDatabase())).rejects.toThrow(UserError)
    await expect(requireCurrent(await emptyDatabase())).rejects.toThrow('run manage create-db')
  })

  it('is refused with a sentence when it is newer, by all who open it', async () => {
    const source = await emptyDatabase()
    await migrate(source)
    await source.query(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Later')`)
    await expect(requireCurrent(source)).rejects.toThrow('it has Later')
    await expect(migrate(source)).rejects.toThrow(UserError)
  })

  it('is refused with a sentence when there is none', async () => {
    const { settings } = await freshSettings()
    const { code, stderr } = await runManage(['payer', 'list'], settings)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^[^\n]*run manage create-db\.\n$/)
  })
})
