import { randomBytes } from 'node:crypto'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { column, type Database, sql } from '../../src/platform/database/index.ts'
import { Unavailable } from '../../src/platform/problem.ts'
import { folderStore } from '../../src/proof/folder-store.ts'
import {
  type ArchiveStore,
  content,
  createArchiver,
  keep,
  original,
  spoolSize,
} from '../../src/proof/index.ts'
import { serviceSuite } from '../platform/service.suite.ts'
import { atEnd } from '../support/at-end.ts'
import { temporaryFolder } from '../support/folder.ts'
import { manualClock } from '../support/manual-clock.ts'
import { quietLog } from '../support/quiet-log.ts'
import { openPlace, tempDatabase } from '../support/temp-database.ts'
import { turns } from '../support/turns.ts'
import { until } from '../support/until.ts'

async function spooling() {
  const { place, database } = await tempDatabase()
  const { clock, newId } = manualClock()
  const root = join(temporaryFolder(), 'proofs')
  const archive = folderStore(root)

  /** Keeps notices with these bodies; gives their ids and places. */
  const hear = async (...bodies: Buffer[]) => {
    const originals = bodies.map((body) =>
      original({
        id: newId('prf'),
        bank: 'test_bank',
        method: 'POST',
        path: '/test_bank',
        headers: {},
        secretHeaders: new Set(),
        body,
        remoteAddress: '192.0.2.1',
        receivedDate: clock.now(),
      }),
    )
    await database.write((db) =>
      keep(
        db,
        originals.map((one) => ({ original: one, outcome: 'accepted' })),
      ),
    )
    return originals
  }
  return { place, database, archive, root, hear }
}

function archiving(database: Database, archive: ArchiveStore, hurry = { others: false, max: 1e9 }) {
  const { log, lines } = quietLog()
  const room = { othersHurry: () => hurry.others, maxBytes: hurry.max }
  const archiver = createArchiver({ database, archive, log, ...room })
  atEnd(() => archiver.stop())
  return { archiver, lines }
}

const sizeOf = (database: Database) => database.read(spoolSize)

/** What the row of totals should say, counted. */
async function counted(database: Database) {
  const shape = { proofs: column.integer(), bytes: column.integer() }
  const query = sql`SELECT COUNT(*) AS proofs, COALESCE(SUM(LENGTH(body)), 0) AS bytes FROM spool`
  const [row] = await database.read((db) => db.rows(shape, query))
  return row
}

const emptied = (database: Database) =>
  until('the spool is empty', async () => (await sizeOf(database)).proofs === 0)

serviceSuite('the archiver', async () => {
  const { database, archive } = await spooling()
  return archiving(database, archive).archiver
})

/** An archive whose puts begin, and go on when they are told to. */
function slowly(archive: ArchiveStore) {
  const begun = Promise.withResolvers<void>()
  const going = Promise.withResolvers<void>()
  const slow: ArchiveStore = {
    ...archive,
    async put(object) {
      begun.resolve()
      await going.promise
      await archive.put(object)
    },
  }
  return { slow, begun: begun.promise, go: going.resolve }
}

describe('the archiver', () => {
  it('moves what is in the spool, and what comes later at the commit', async () => {
    const { database, archive, hear } = await spooling()
    const [early] = await hear(Buffer.from('early'))
    const { archiver } = archiving(database, archive)
    await archiver.start()
    await emptied(database)
    const [late] = await hear(Buffer.from('late'))
    await emptied(database)
    expect(await archive.get(early?.proofKey ?? '')).toEqual(Buffer.from('early'))
    expect(await archive.get(late?.proofKey ?? '')).toEqual(Buffer.from('late'))
    expect(await counted(database)).toEqual({ proofs: 0, bytes: 0 })
  })

  describe('beside others who hurry', () => {
    /** An archiver that takes some time for its first batch; then a second comes. */
    async function afterWork(max: number, workMs: number) {
      const { database, archive, hear } = await spooling()
      const { slow, begun, go } = slowly(archive)
      const { archiver } = archiving(database, slow, { others: true, max })
      await archiver.start()
      await hear(Buffer.from('first'))
      await begun
      const began = performance.now()
      await until('it has worked for a while', () => performance.now() - began > workMs)
      go()
      await emptied(database)
      await hear(Buffer.from('second'))
      return { database, restingUntil: began + 5 * workMs }
    }

    it('rests four times as long as it worked', async () => {
      const { database, restingUntil } = await afterWork(1e9, 200)
      await turns(100)
      expect((await sizeOf(database)).proofs).toBe(1)
      await emptied(database)
      expect(performance.now()).toBeGreaterThan(restingUntil)
    })

    it('rests for a second at most, however long it worked', async () => {
      const { database, restingUntil } = await afterWork(1e9, 1000)
      await emptied(database)
      expect(performance.now()).toBeLessThan(restingUntil)
    })

    it('does not rest once the spool is half full', async () => {
      const { database, restingUntil } = await afterWork(0, 250)
      await emptied(database)
      expect(performance.now()).toBeLessThan(restingUntil)
    })
  })

  it('leaves a proof readable, byte for byte, before, during and after the move', async () => {
    const { database, archive, hear } = await spooling()
    const [bytes] = [randomBytes(5000)]
    const [proof] = await hear(bytes)
    const id = proof?.id ?? ''
    const half = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const slow: ArchiveStore = {
      ...archive,
      async put(object) {
        half.resolve()
        await go.promise
        await archive.put(object)
      },
    }
    const read = async () => (await content(database, archive, id))?.body
    expect((await read())?.equals(bytes)).toBe(true)
    const { archiver } = archiving(database, slow)
    await archiver.start()
    await half.promise
    expect((await read())?.equals(bytes)).toBe(true)
    go.resolve()
    await until('it was moved', async () => {
      expect(await read()).toEqual(bytes)
      return (await sizeOf(database)).proofs === 0
    })
    expect(await read()).toEqual(bytes)
  })

  it('clears nothing from the spool that the archive did not take', async () => {
    const { database, archive, root, hear } = await spooling()
    renameSync(root, `${root}.away`)
    await hear(Buffer.from('one'), Buffer.from('two'))
    const { archiver, lines } = archiving(database, archive)
    await archiver.start()
    const outages = () => lines.filter(({ msg }) => msg.includes('not be archived'))
    await until('the outage was logged', () => outages().length === 1)
    await hear(Buffer.from('three'))
    expect(await sizeOf(database)).toMatchObject({ proofs: 3, bytes: 11 })
    expect(await counted(database)).toEqual({ proofs: 3, bytes: 11 })
    renameSync(`${root}.away`, root)
    await emptied(database)
    expect(await counted(database)).toEqual({ proofs: 0, bytes: 0 })
  })

  it('moves the others when one cannot be put', async () => {
    const { database, archive, hear } = await spooling()
    const [good, bad] = await hear(Buffer.from('good'), Buffer.from('bad'))
    const picky: ArchiveStore = {
      ...archive,
      put: (object) =>
        object.key === bad?.proofKey ? Promise.reject(new Error('no')) : archive.put(object),
    }
    const { archiver } = archiving(database, picky)
    await archiver.start()
    await until('the good one is moved', async () => (await sizeOf(database)).proofs === 1)
    expect(await archive.get(good?.proofKey ?? '')).toEqual(Buffer.from('good'))
    expect((await content(database, archive, bad?.id ?? ''))?.body).toEqual(Buffer.from('bad'))
  })

  it('asks no more of an archive that is away than it puts at once', async () => {
    const { database, archive, hear } = await spooling()
    await hear(...Array.from({ length: 100 }, (_, i) => Buffer.from(`notice ${i}`)))
    let puts = 0
    const away: ArchiveStore = {
      ...archive,
      async put() {
        puts += 1
        await turns(puts)
        throw new Unavailable('The archive is away.')
      },
    }
    const { archiver, lines } = archiving(database, away)
    await archiver.start()
    const said = () => lines.some(({ msg }) => msg === 'proofs could not be archived')
    await until('the outage was logged', said)
    expect(puts).toBe(16)
    expect(await sizeOf(database)).toMatchObject({ proofs: 100 })
  })

  it('begins nothing more when it is stopped, and clears what it has put', async () => {
    const { database, archive, hear } = await spooling()
    await hear(...Array.from({ length: 100 }, (_, i) => Buffer.from(`notice ${i}`)))
    const { slow, begun, go } = slowly(archive)
    const { archiver } = archiving(database, slow)
    await archiver.start()
    await begun
    const stopping = archiver.stop()
    go()
    await stopping
    expect(await sizeOf(database)).toMatchObject({ proofs: 84 })
  })

  it('works beside another one, and the totals stay right', async () => {
    const { place, database, archive, hear } = await spooling()
    const other = await openPlace(place)
    const bodies = Array.from({ length: 300 }, (_, i) => Buffer.from(`notice ${i}`))
    const proofs = await hear(...bodies)
    const both = [archiving(database, archive), archiving(other, archive)]
    await Promise.all(both.map(({ archiver }) => archiver.start()))
    await emptied(database)
    await Promise.all(both.map(({ archiver }) => archiver.stop()))
    expect(await sizeOf(database)).toMatchObject({ proofs: 0, bytes: 0 })
    expect(await counted(database)).toEqual({ proofs: 0, bytes: 0 })
    for (const [i, { proofKey }] of proofs.entries())
      expect(await archive.get(proofKey)).toEqual(bodies[i])
    expect(both.flatMap(({ lines }) => lines.filter(({ level }) => Number(level) >= 50))).toEqual(
      [],
    )
  })

  it('moves what is larger than a whole batch', async () => {
    const { database, archive, hear } = await spooling()
    const bodies = [9, 1, 9].map((mebibytes) => Buffer.alloc(mebibytes * 1024 * 1024, mebibytes))
    const proofs = await hear(...bodies)
    const { archiver } = archiving(database, archive)
    await archiver.start()
    await emptied(database)
    for (const [i, { id }] of proofs.entries())
      expect(
        (await content(database, archive, id))?.body.equals(bodies[i] ?? Buffer.alloc(0)),
      ).toBe(true)
  })

  it('finishes the batch in hand when it is stopped', async () => {
    const { database, archive, hear } = await spooling()
    await hear(Buffer.from('one'))
    const { slow, begun, go } = slowly(archive)
    const { archiver } = archiving(database, slow)
    await archiver.start()
    await begun
    const stopping = archiver.stop()
    await turns(10)
    go()
    await stopping
    expect(await sizeOf(database)).toMatchObject({ proofs: 0, bytes: 0 })
  })
})

describe('a proof', () => {
  it('that was never heard has no bytes', async () => {
    const { database, archive } = await spooling()
    expect(await content(database, archive, 'prf_none')).toBeNull()
  })

  it('is not given out when its bytes are not those that were heard', async () => {
    const { database, archive, hear } = await spooling()
    const [proof] = await hear(Buffer.from('{"amount":"55"}'))
    const forged = Buffer.from('{"amount":"99"}')
    await database.write((db) => db.run(sql`UPDATE spool SET body = ${forged}`))
    await expect(content(database, archive, proof?.id ?? '')).rejects.toThrow(
      'are those that were heard',
    )
  })

  it('is not given out when its bytes are nowhere', async () => {
    const { database, archive, hear } = await spooling()
    const [proof] = await hear(Buffer.from('{}'))
    await database.write((db) => db.run(sql`DELETE FROM spool`))
    await expect(content(database, archive, proof?.id ?? '')).rejects.toThrow(
      'The archive does not have the bytes',
    )
  })
})
