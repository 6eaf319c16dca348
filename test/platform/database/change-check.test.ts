import { describe, expect, it } from '@jest/globals'
import type { QueryRunner } from 'typeorm'
import { schema } from '../../../src/compose.ts'
import {
  addColumn,
  changeCheck,
  column,
  createTable,
  sourceOf,
} from '../../../src/platform/database/index.ts'
import { atEnd } from '../../support/at-end.ts'
import { catalogOf } from '../../support/catalog.ts'
import { emptyPlace } from '../../support/place.ts'

const description = {
  columns: { id: column.text(40), kind: column.text(16), size: column.nullable(column.integer()) },
  primary: ['id' as const],
  indexes: [
    { name: 'ix_things_kind', columns: ['kind' as const], where: `kind <> 'a(b)'` },
    { name: 'uq_things_size', columns: ['size' as const], unique: true },
  ],
  checks: { ck_things_size: 'size > 0', ck_things_kind: `kind IN ('a)', 'b')` },
}

async function withThings() {
  const source = sourceOf(await emptyPlace(), schema)
  await source.initialize()
  atEnd(() => source.destroy())
  const runner = source.createQueryRunner()
  atEnd(() => runner.release())
  await createTable(runner, 'things', description)
  await runner.query(`INSERT INTO things (id, kind, size) VALUES ('1', 'a)', 7), ('2', 'b', NULL)`)
  return { source, runner }
}

const rows = (runner: QueryRunner) => runner.query('SELECT id, kind FROM things ORDER BY id')

const change = (runner: QueryRunner) =>
  changeCheck(runner, 'things', 'ck_things_kind', `kind IN ('a)', 'b', 'c')`)

const insert = (runner: QueryRunner, kind: string) =>
  runner.query(`INSERT INTO things (id, kind) VALUES ('${kind}', '${kind}')`)

describe('a check that is changed', () => {
  it('takes what it refused before, and refuses the rest as ever', async () => {
    const { runner } = await withThings()
    await expect(insert(runner, 'c')).rejects.toThrow(/ck_things_kind/)
    await change(runner)
    await insert(runner, 'c')
    await expect(insert(runner, 'd')).rejects.toThrow(/ck_things_kind/)
    await expect(runner.query('UPDATE things SET size = 0')).rejects.toThrow(/ck_things_size/)
    expect(await rows(runner)).toEqual([
      { id: '1', kind: 'a)' },
      { id: '2', kind: 'b' },
      { id: 'c', kind: 'c' },
    ])
  })

  it('leaves the table as one that was made so, also when it is changed twice', async () => {
    const { source, runner } = await withThings()
    await change(runner)
    await change(runner)
    const changed = await catalogOf(source)
    await runner.query('DROP TABLE things')
    const checks = { ...description.checks, ck_things_kind: `kind IN ('a)', 'b', 'c')` }
    await createTable(runner, 'things', { ...description, checks })
    expect(changed).toEqual(await catalogOf(source))
  })

  it('keeps columns that came later, and what is in them', async () => {
    const { runner } = await withThings()
    await addColumn(runner, 'things', 'note', column.nullable(column.text(16)))
    await runner.query(`UPDATE things SET note = 'later'`)
    await change(runner)
    const notes = await runner.query('SELECT note FROM things')
    expect(notes).toEqual([{ note: 'later' }, { note: 'later' }])
  })

  it('is refused where rows are against it, which stay', async () => {
    const { runner } = await withThings()
    const without = changeCheck(runner, 'things', 'ck_things_kind', `kind IN ('b')`)
    await expect(without).rejects.toThrow(/ck_things_kind/)
    expect(await rows(runner)).toHaveLength(2)
  })
})
