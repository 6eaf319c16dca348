import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { DataSource } from 'typeorm'
import { dataSource } from '../../../src/compose.ts'
import { migrate, requireCurrent, requireFile } from '../../../src/platform/database/index.ts'
import { UserError } from '../../../src/platform/problem.ts'
import { atEnd } from '../../support/at-end.ts'
import { catalogOf } from '../../support/catalog.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { runManage } from '../../support/program.ts'

/** Giro's own description of its database, on a file that is not there yet. */
async function emptyDatabase(file = join(temporaryFolder(), 'giro.db')): Promise<DataSource> {
  const source = dataSource({ DATABASE_URL: `sqlite:${file}` })
  await source.initialize()
  atEnd(() => source.destroy())
  return source
}

/** The same tables on a connection that TypeORM can compare: one without safe integers. */
async function plainConnection({ options }: DataSource): Promise<DataSource> {
  const { entities = [], database } = options
  const source = new DataSource({ type: 'better-sqlite3', database: `${database}`, entities })
  await source.initialize()
  atEnd(() => source.destroy())
  return source
}

describe('the migrations', () => {
  it('leave nothing that TypeORM would change', async () => {
    const source = await emptyDatabase()
    await migrate(source)
    const plain = await plainConnection(source)
    const { upQueries } = await plain.driver.createSchemaBuilder().log()
    expect(upQueries.map(({ query }) => query)).toEqual([])
  })

  it('make the very columns, keys, checks and indexes that the code describes', async () => {
    const migrated = await emptyDatabase()
    await migrate(migrated)
    const described = await plainConnection(await emptyDatabase())
    await described.synchronize()
    const { migrations: _, ...catalog } = await catalogOf(await plainConnection(migrated))
    expect(catalog).toEqual(await catalogOf(described))
  })

  it('are seen to drift where a column, a check or an index is another', async () => {
    const migrated = await emptyDatabase()
    await migrate(migrated)
    const source = await plainConnection(migrated)
    const before = await catalogOf(source)
    await source.query('DROP INDEX ix_deliveries_due_date')
    await source.query('ALTER TABLE payers ADD COLUMN nickname varchar(255)')
    await source.query('DROP TABLE spool_totals')
    await source.query(
      'CREATE TABLE spool_totals (id bigint NOT NULL, proofs bigint, bytes bigint NOT NULL)',
    )
    const after = await catalogOf(source)
    const changed = Object.keys(before).filter(
      (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
    )
    expect(changed.toSorted()).toEqual(['deliveries', 'payers', 'spool_totals'])
  })

  it('say what they did the first time, and do nothing the second time', async () => {
    const source = await emptyDatabase()
    expect(await migrate(source)).not.toEqual([])
    expect(await migrate(source)).toEqual([])
    await requireCurrent(source)
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

  it('may be run by two processes at once', async () => {
    const dataDir = temporaryFolder()
    const settings = { DATA_DIR: dataDir }
    const runs = await Promise.all([1, 2].map(() => runManage(['create-db'], settings)))
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ])
    const source = await emptyDatabase(join(dataDir, 'giro.db'))
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

  it('is refused with a sentence when there is none', () => {
    const file = join(temporaryFolder(), 'none.db')
    expect(() => requireFile(file)).toThrow(UserError)
    expect(() => requireFile(file)).toThrow('run manage create-db')
  })
})
