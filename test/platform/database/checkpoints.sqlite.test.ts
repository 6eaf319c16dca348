import { existsSync, statSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { createCheckpoints } from '../../../src/platform/database/checkpoints.ts'
import { sql } from '../../../src/platform/database/index.ts'
import { fileOf } from '../../support/place.ts'
import { openPlace, strangerTo, tempDatabase } from '../../support/temp-database.ts'
import { until } from '../../support/until.ts'

/** About 500 pages of the log. */
const rowsAUnit = 20
const bytesARow = 100_000

async function filling() {
  const { place, database } = await tempDatabase()
  const file = fileOf(place)
  await database.write((db) => db.run(sql`CREATE TABLE heap (body BLOB NOT NULL)`))
  const beside = strangerTo(file)
  const fill = (door = database) =>
    door.write((db) =>
      db.run(sql`WITH RECURSIVE counted (n) AS
        (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ${rowsAUnit})
        INSERT INTO heap SELECT randomblob(${bytesARow}) FROM counted`),
    )
  const touch = (door = database) =>
    door.write((db) => db.run(sql`INSERT INTO heap VALUES (zeroblob(1))`))
  const pages = () => {
    const [{ log } = { log: 0n }] = beside.pragma('wal_checkpoint(NOOP)') as { log: bigint }[]
    return Number(log)
  }
  const rows = () => beside.prepare('SELECT count(*) AS n FROM heap WHERE length(body) > 1').get()
  return { place, file, database, beside, fill, touch, pages, rows }
}

describe('the write-ahead log', () => {
  it('is copied while units go on, and written from its beginning again', async () => {
    const { file, fill, touch, pages, rows } = await filling()
    for (let i = 0; i < 40; i += 1) await fill()
    await until('the log is copied', async () => {
      await touch()
      return pages() < 100
    })
    expect(rows()).toEqual({ n: BigInt(40 * rowsAUnit) })
    const before = statSync(`${file}-wal`).size
    for (let i = 0; i < 8; i += 1) await fill()
    expect(statSync(`${file}-wal`).size).toBe(before)
  })

  it('is copied where two processes write, by whoever comes first', async () => {
    const { place, fill, touch, pages, rows } = await filling()
    const other = await openPlace(place)
    for (let i = 0; i < 20; i += 1) await Promise.all([fill(), fill(other)])
    await until('the log is copied', async () => {
      await Promise.all([touch(), touch(other)])
      return pages() < 100
    })
    expect(rows()).toEqual({ n: BigInt(40 * rowsAUnit) })
  })

  it('waits for whoever reads what was before', async () => {
    const { beside, fill, touch, pages } = await filling()
    await fill()
    beside.exec('BEGIN')
    expect(beside.prepare('SELECT count(*) AS n FROM heap').get()).toEqual({ n: 20n })
    for (let i = 0; i < 40; i += 1) await fill()
    expect(beside.prepare('SELECT count(*) AS n FROM heap').get()).toEqual({ n: 20n })
    beside.exec('COMMIT')
    await until('the log is copied', async () => {
      await touch()
      return pages() < 100
    })
  })

  it('is gone when the last one has closed the file', async () => {
    const { file, database, beside, fill } = await filling()
    beside.close()
    for (let i = 0; i < 20; i += 1) await fill()
    await database.close()
    expect(existsSync(`${file}-wal`)).toBe(false)
  })

  it('is left as it is where the thread cannot copy', async () => {
    const asked = { pages: 0, copy: 0 }
    const checkpoints = createCheckpoints({
      file: '/nonexistent/giro.db',
      pages: async () => {
        asked.pages += 1
        return 10_000
      },
      copy: async () => {
        asked.copy += 1
      },
    })
    await checkpoints.look()
    await until('it is looked again', async () => {
      await checkpoints.look()
      return asked.pages === 2
    })
    await checkpoints.close()
    expect(asked.copy).toBe(0)
  })
})
