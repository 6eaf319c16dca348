import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { toIso } from '../../src/platform/clock.ts'
import { notice, tell } from '../support/bank.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import type { Json } from '../support/http.ts'
import { inParallel } from '../support/parallel.ts'
import { query, tamper } from '../support/place.ts'
import { until } from '../support/until.ts'

/** More than one look at the database. */
const archived = 300
const spooled = 3

let giro: Giro
let serving: Serving
let bytes = 0
/** After all but the last proofs came. */
let between: string

/** Tells so many notices, of which the first has more bytes than fit into one read. */
async function hear(count: number): Promise<void> {
  const bodies = Array.from({ length: count }, (_, i) =>
    notice({ serial: i, padding: 'x'.repeat(i === 0 ? 1_000_000 : 0) }),
  )
  bytes += Buffer.byteLength(bodies.join(''))
  await inParallel(bodies, 32, (body) => tell(serving.url, body))
}

/** What an archive in a folder holds: paths and, where it is another archive, nothing of drafts. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(bin|json)$/.test(path))
    .toSorted()
}

/** The archive as it was, somewhere else, for tests that damage it. */
function copyOfArchive(): string {
  const folder = join(temporaryFolder(), 'proofs')
  cpSync(join(giro.dataDir, 'proofs'), folder, { recursive: true })
  return folder
}

/** A command with another archive. */
async function manageOn(folder: string, ...args: string[]) {
  const program = giro.start(args, { PROOF_STORE: `file:${folder}` })
  const { code } = await program.exited
  return { code, lines: program.lines, text: program.lines.join('\n') }
}

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  const processor = await giro.processor()
  await hear(archived)
  const left = async () => (await query(giro.place, 'SELECT proof_id FROM spool LIMIT 1')).length
  await until('all is archived', async () => (await left()) === 0, 30_000)
  await processor.end()
  const [row] = await query(giro.place, 'SELECT MAX(received_date) + 1 AS time FROM proofs')
  between = toIso(Number(row?.time))
  await hear(spooled)
}, 90_000)

/** Some of the archived ones, the newest first. */
async function proofs(): Promise<Json[]> {
  const all = await giro.ask('proof', 'list', '--limit', '1000')
  return all.slice(spooled)
}

describe('manage proof verify', () => {
  it('reads every proof in archive and spool, and says that all are as they were heard', async () => {
    const { code, stdout, stderr } = await giro.manage('proof', 'verify')
    const size = `${archived + spooled} proofs (${bytes} bytes), ${spooled} of them in the spool`
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(`All are as they were heard: ${size}.\n`)
    expect(await giro.ask('proof', 'verify')).toEqual({
      proofs: archived + spooled,
      spooled,
      bytes,
      wrong: [],
    })
  })

  it('reads with --since only what came since', async () => {
    expect(await giro.ask('proof', 'verify', '--since', between)).toMatchObject({ proofs: spooled })
    const { code, stderr } = await giro.manage('proof', 'verify', '--since', 'yesterday')
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/2026-01-31/) })
  })

  it('names what is missing, different or beyond reading, and exits with 1', async () => {
    const folder = copyOfArchive()
    const [missing, different, unreadable] = (await proofs()).map(({ proof_key }) => proof_key)
    rmSync(join(folder, missing))
    writeFileSync(join(folder, different), 'forged')
    rmSync(join(folder, unreadable))
    mkdirSync(join(folder, unreadable))
    const { code, text } = await manageOn(folder, 'proof', 'verify')
    expect(code).toBe(1)
    expect(text).toMatch(`missing\t${missing}\t`)
    expect(text).toMatch(`different\t${different}\t`)
    expect(text).toMatch(`unreadable\t${unreadable}\tEISDIR`)
    expect(text).toMatch(/\n3 are NOT as they were heard, of 303 proofs \(.*\), 3 of them/)
    const json = JSON.parse((await manageOn(folder, 'proof', 'verify', '--json')).text)
    const states = json.wrong.map((one: Json) => [one.proof_key, one.state])
    expect(Object.fromEntries(states)).toEqual({
      [missing]: 'missing',
      [different]: 'different',
      [unreadable]: 'unreadable',
    })
  })

  it('names what is different in the spool', async () => {
    const [{ proof_id: id } = {}] = await query(giro.place, 'SELECT proof_id FROM spool')
    const [proof] = await query(giro.place, 'SELECT sha256 FROM proofs WHERE id = ?', id)
    const setHash = (hash: unknown) =>
      tamper(giro.place, `UPDATE proofs SET sha256 = '${hash}' WHERE id = '${id}'`)
    await setHash('0'.repeat(64))
    const { code, stdout } = await giro.manage('proof', 'verify')
    await setHash(proof?.sha256)
    expect(code).toBe(1)
    expect(stdout).toMatch(new RegExp(`^different\t\\S+${id}\\.bin\t.*\n1 are NOT`))
  })
})

describe('manage proof move', () => {
  it('copies all that is archived, says where to go on, and leaves the old archive as it is', async () => {
    const target = join(temporaryFolder(), 'new')
    const before = filesIn(join(giro.dataDir, 'proofs'))
    const { code, stdout } = await giro.manage('proof', 'move', '--to', `file:${target}`)
    expect(code).toBe(0)
    expect(stdout).toBe(
      `Copied ${archived} proofs; 0 were there already, ${spooled} are still in the spool.\n` +
        `To go on there, set PROOF_STORE to file:${target} and restart; --help says how.\n`,
    )
    expect(filesIn(target)).toEqual(before)
    expect(filesIn(join(giro.dataDir, 'proofs'))).toEqual(before)
    expect((await manageOn(target, 'proof', 'verify')).code).toBe(0)
  })

  /** A move that was killed when it had copied some and not all; how many. */
  async function killedMove(target: string): Promise<number> {
    const copied = () =>
      existsSync(target) ? filesIn(target).filter((path) => path.endsWith('.bin')).length : 0
    const killed = giro.start(['proof', 'move', '--to', `file:${target}`])
    await until('some are there', () => copied() > 0)
    await killed.end('SIGKILL')
    return copied()
  }

  it('that is killed goes on when it is run again', async () => {
    let target = ''
    // A machine that is busy may let a move end before it is killed.
    const inTheMiddle = async () => {
      target = join(temporaryFolder(), 'new')
      const count = await killedMove(target)
      return count < archived && count
    }
    const kept = await until('a move is killed in the middle', inTheMiddle, 20_000)
    const done = await giro.ask('proof', 'move', '--to', `file:${target}`)
    expect(done).toMatchObject({ copied: archived - kept, same: kept, wrong: [] })
    expect(filesIn(target)).toEqual(filesIn(join(giro.dataDir, 'proofs')))
    expect(await giro.ask('proof', 'move', '--to', `file:${target}`)).toMatchObject({ copied: 0 })
  })

  it('copies the others, and names what it could not copy', async () => {
    const folder = copyOfArchive()
    const target = join(temporaryFolder(), 'new')
    const [missing, different, taken] = (await proofs()).map(({ proof_key }) => proof_key)
    rmSync(join(folder, missing))
    writeFileSync(join(folder, different), 'forged')
    mkdirSync(join(target, taken, '..'), { recursive: true })
    writeFileSync(join(target, taken), 'somebody else’s')
    const { code, text } = await manageOn(folder, 'proof', 'move', '--to', `file:${target}`)
    expect(code).toBe(1)
    expect(text).toMatch(`missing\t${missing}\t`)
    expect(text).toMatch(`different\t${different}\t`)
    expect(text).toMatch(`taken\t${taken}\t`)
    expect(text).toMatch(/\nCopied 297 proofs; 0 were there.*\n3 could NOT be copied: see above\.$/)
  })

  it('is refused where it leads nowhere else, or nowhere', async () => {
    const own = `file:${join(giro.dataDir, 'proofs')}`
    const [same, odd] = [own, 'ftp://x'].map((url) => giro.manage('proof', 'move', '--to', url))
    expect(await same).toMatchObject({ code: 1, stderr: expect.stringMatching(/^The target is/) })
    expect(await odd).toMatchObject({ code: 1, stderr: expect.stringMatching(/--to must begin/) })
  })
})
