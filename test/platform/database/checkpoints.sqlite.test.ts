import { existsSync, statSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { createCheckpoints, pagesBeyondHope } from '../../../src/platform/database/checkpoints.ts'
import { sql } from '../../../src/platform/database/index.ts'
import { fileOf } from '../../support/place.ts'
import { run } from '../../support/program.ts'
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
  /** Whether the log has little again. */
  const anew = () => {
    const [{ log } = { log: 0n }] = beside.pragma('wal_checkpoint(NOOP)') as { log: bigint }[]
    return log < 2000n
  }
  const counted = beside.prepare('SELECT count(*) AS n FROM heap').pluck()
  const rows = () => Number(counted.get())
  return { place, file, database, beside, fill, anew, rows }
}

describe('the write-ahead log', () => {
  it('is copied while units go on, and written from its beginning again', async () => {
    const { file, fill, anew, rows } = await filling()
    let units = 0
    await until('the log is written from its beginning', async () => {
      units += 1
      await fill()
      return units > 10 && anew()
    })
    const before = statSync(`${file}-wal`).size
    expect(before).toBeLessThan(pagesBeyondHope * 4096)
    for (let i = 0; i < 8; i += 1) await fill()
    expect(statSync(`${file}-wal`).size).toBe(before)
    expect(rows()).toBe((units + 8) * rowsAUnit)
  })

  it('is copied where two processes write, by whoever comes first', async () => {
    const { place, fill, anew, rows } = await filling()
    const other = await openPlace(place)
    let units = 0
    await until('the log is written from its beginning', async () => {
      units += 2
      await Promise.all([fill(), fill(other)])
      return units > 10 && anew()
    })
    expect(rows()).toBe(units * rowsAUnit)
  })

  it('waits for whoever reads what was before', async () => {
    const { beside, fill, anew, rows } = await filling()
    await fill()
    beside.exec('BEGIN')
    expect(rows()).toBe(rowsAUnit)
    for (let i = 0; i < 40; i += 1) await fill()
    expect(rows()).toBe(rowsAUnit)
    beside.exec('COMMIT')
    await until('the log is written from its beginning', async () => {
      await fill()
      return anew()
    })
  })

  it('is gone when the last one has closed the file', async () => {
    const { file, database, beside, fill } = await filling()
    beside.close()
    for (let i = 0; i < 20; i += 1) await fill()
    await database.close()
    expect(existsSync(`${file}-wal`)).toBe(false)
  })

  it('is closed by a program that has nothing else to do', async () => {
    const { file } = await filling()
    const module = new URL('../../../src/platform/database/checkpoints.ts', import.meta.url)
    const program = `
      import { createCheckpoints } from '${module}'
      const log = { file: '${file}', pages: async () => 10_000, copy: async () => {} }
      const checkpoints = createCheckpoints(log)
      await checkpoints.look()
      await checkpoints.close()
      console.log('closed')`
    const args = ['--input-type=module', '--eval', program]
    expect(await run(process.execPath, args, {})).toMatchObject({ code: 0, stdout: 'closed\n' })
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
