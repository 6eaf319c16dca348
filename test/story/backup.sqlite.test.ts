import {
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import { temporaryFolder } from '../support/folder.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
  toLoopback,
} from '../support/giro.ts'
import { operator } from '../support/http.ts'
import { neverAnswers, openPartner, type Partner, verified } from '../support/partner.ts'
import { fileOf, query, sqlitePlace, tamper } from '../support/place.ts'
import { run, runManage, startManage } from '../support/program.ts'
import { until } from '../support/until.ts'

const elsewhere = (dataDir: string) => ({ DATA_DIR: dataDir, PORT: '0', ...toLoopback })

/** A data folder that has the key and nothing else. */
function folderWithKey(): string {
  const folder = temporaryFolder()
  copyFileSync(join(giro.dataDir, 'secret.key'), join(folder, 'secret.key'))
  return folder
}

let giro: Giro
let serving: Serving
let partner: Partner
let secret: string
let backup: string

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  partner = await openPartner()
  await registerSampleParties(serving.api)
  secret = (await addRoute(serving.api, partner.url)).secret
  for (let i = 0; i < 3; i += 1) await tell(serving.url, notice({ amount: `${i + 1}` }))
  await tell(serving.url, 'no JSON')
  backup = join(temporaryFolder(), 'giro.backup')
})

describe('manage backup', () => {
  it('copies a database that is being written to, and says how much it was', async () => {
    let stopped = false
    let acknowledged = 0
    const paying = (async () => {
      for (; !stopped; acknowledged += 1)
        expect((await tell(serving.url, firstNotice)).status).toBe(201)
    })()
    await until('the bank is at it', () => acknowledged > 2)
    const done = await giro.ask('backup', backup)
    stopped = true
    await paying
    expect(done).toMatchObject({ file: backup, state: 'current', bytes: statSync(backup).size })
    const counted = Object.fromEntries(
      done.tables.map(({ name, rows }: { name: string; rows: number }) => [name, rows]),
    )
    expect(counted).toMatchObject({ payers: 1, partners: 1, routes: 1, facts: 1 })
    expect(counted.proofs).toBe(counted.payments + 1)
    expect(counted.spool).toBe(counted.proofs)
    await expectBooksToBalance({ place: sqlitePlace(backup) })
  })

  it('is for its owner alone, holds no key, and leaves nothing beside it', () => {
    expect(statSync(backup).mode & 0o777).toBe(0o600)
    const key = readFileSync(join(giro.dataDir, 'secret.key'), 'utf8').trim()
    expect(readFileSync(backup).includes(key)).toBe(false)
    expect(readFileSync(backup).includes(Buffer.from(key, 'hex'))).toBe(false)
    expect(readdirSync(dirname(backup))).toEqual(['giro.backup'])
  })

  it('never writes over a file', async () => {
    const before = readFileSync(backup)
    const { code, stderr } = await giro.manage('backup', backup)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^There is something at .*giro\.backup already: it stays as it is\.\n$/)
    expect(readFileSync(backup)).toEqual(before)
  })

  it('makes no folder, which may be a disk that is not mounted', async () => {
    const folder = join(temporaryFolder(), 'disk')
    const { code, stderr } = await giro.manage('backup', join(folder, 'giro.backup'))
    expect([code, stderr]).toEqual([1, `There is no folder ${folder}: make it, or mount it.\n`])
    expect(existsSync(folder)).toBe(false)
  })

  it('that is made twice at once ends with one whole file', async () => {
    const file = join(temporaryFolder(), 'twice')
    const runs = await Promise.all([1, 2].map(() => giro.manage('backup', file)))
    expect(runs.map(({ code }) => code).toSorted()).toEqual([0, 1])
    await expectBooksToBalance({ place: sqlitePlace(file) })
    expect(readdirSync(dirname(file))).toEqual(['twice'])
  })

  it('says in a sentence that there is no room, and leaves nothing behind', async () => {
    const file = join(temporaryFolder(), 'large')
    const manage = `ulimit -f 64; exec '${process.execPath}' cli/manage.ts backup '${file}'`
    const { code, stderr } = await run('bash', ['-c', manage], giro.settings)
    expect(stderr).toMatch(/^The backup could not be written in [^\n]*: make room there\.\n$/)
    expect([code, readdirSync(dirname(file))]).toEqual([1, []])
  })

  it('that is killed leaves no file of that name, and the next one succeeds', async () => {
    const file = join(temporaryFolder(), 'killed')
    const program = startManage(['backup', file], giro.settings)
    const drafts = () => readdirSync(dirname(file))
    await until('a draft', () => drafts().length > 0)
    await program.end('SIGKILL')
    expect(existsSync(file)).toBe(false)
    for (const name of drafts()) utimesSync(join(dirname(file), name), 0, 0)
    expect((await giro.manage('backup', file)).code).toBe(0)
    expect(drafts()).toEqual(['killed'])
  })

  it('refuses to pass on books that do not balance', async () => {
    const other = await openGiro()
    await tamper(
      other.place,
      `INSERT INTO accounts VALUES ('partner:lost', 'USD', 0, 7, NULL, 1700000000000)`,
    )
    const file = join(temporaryFolder(), 'odd')
    const { code, stderr } = await other.manage('backup', file)
    expect([code, stderr]).toEqual([1, 'The books in the copy do not balance (partner:lost).\n'])
    expect(existsSync(file)).toBe(false)
  })
})

describe('manage restore', () => {
  it('brings everything back, and what was not delivered goes on by itself', async () => {
    // A delivery that is under way when the backup is made, by a daemon that nobody hears of again.
    partner.does(neverAnswers)
    const lost = await giro.processor({ DELIVERY_LEASE: '2', DELIVERY_TIMEOUT: '1' })
    await partner.hears(1)
    const file = join(temporaryFolder(), 'sending')
    expect((await giro.manage('backup', file)).code).toBe(0)
    await lost.end('SIGKILL')
    const sending = `SELECT * FROM deliveries WHERE status = 'sending'`
    expect(await query(sqlitePlace(file), sending)).not.toEqual([])
    const told = partner.heard.length

    const dataDir = folderWithKey()
    const settings = elsewhere(dataDir)
    const restored = await runManage(['restore', file], settings)
    expect(restored).toMatchObject({ code: 0, stderr: '' })
    expect(restored.stdout).toMatch(/^Restored \d+ rows in \d+ bytes to .*giro\.db\.\n$/)
    const place = sqlitePlace(join(dataDir, 'giro.db'))
    expect(statSync(place.file).mode & 0o777).toBe(0o600)
    await expectBooksToBalance({ place })

    partner.does((response) => response.writeHead(204).end())
    const again = startManage(['serve'], settings)
    const { url } = await again.said('listening')
    const api = operator(`${url}`, giro.key)
    startManage(['run-payment-processor'], settings)
    const { json } = await api.get('/payments')
    expect(json.data.length).toBeGreaterThan(3)
    for (const { id } of json.data) await paymentIn(api, id, 'notified')
    const first = partner.heard[told]
    if (first) verified(first, secret)
    await until('all proofs are archived', async () => {
      const [row] = await query(place, 'SELECT COUNT(*) AS count FROM spool')
      return row?.count === 0n
    })
    await expectBooksToBalance({ place })
  })

  it('stands nothing over a database, nor beside the log of one', async () => {
    const before = readFileSync(fileOf(giro.place))
    const over = await giro.manage('restore', backup)
    expect(over.code).toBe(1)
    expect(over.stderr).toMatch(/^There is something at .*giro\.db already: [^\n]*\.\n$/)
    expect(readFileSync(fileOf(giro.place))).toEqual(before)

    const dataDir = folderWithKey()
    writeFileSync(join(dataDir, 'giro.db-wal'), 'a log')
    const beside = await runManage(['restore', backup], elsewhere(dataDir))
    expect([beside.code, beside.stderr]).toEqual([1, expect.stringContaining('giro.db-wal')])
    expect(readdirSync(dataDir).toSorted()).toEqual(['giro.db-wal', 'secret.key'])
  })

  it('asks for the key of the backup, and takes no other', async () => {
    const without = await runManage(['restore', backup], elsewhere(temporaryFolder()))
    expect(without).toMatchObject({ code: 1, stdout: '' })
    expect(without.stderr).toMatch(/^The secrets in the backup need its key: [^\n]*\.\n$/)
    const dataDir = folderWithKey()
    const SECRET_KEY = 'ab'.repeat(32)
    const wrong = await runManage(['restore', backup], { ...elsewhere(dataDir), SECRET_KEY })
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    expect(wrong.stderr).toMatch(/^The key given is not that of the backup: [^\n]*\.\n$/)
    expect(readdirSync(dataDir)).toEqual(['secret.key'])
  })

  it.each<[string, RegExp, (file: string) => void]>([
    ['a letter', /damaged, or no database/, (file) => writeFileSync(file, 'Dear Ann. '.repeat(99))],
    ['an empty file', /no database of Giro's/, (file) => writeFileSync(file, '')],
    ['half a backup', /damaged/, (file) => truncateSync(file, statSync(file).size / 2)],
    ['one with pages overwritten', /damaged/, (file) => overwrite(file)],
    ['one without its file', /There is no file/, (file) => rmSync(file)],
    ['a database in use', /is in use/, (file) => writeFileSync(`${file}-wal`, 'a log')],
  ])('refuses %s in one sentence', async (_what, why, spoil) => {
    const file = copyOfBackup()
    spoil(file)
    await expectRefused(file, why)
  })

  it.each<[string, RegExp, string]>([
    [
      'a newer Giro',
      /newer Giro/,
      `INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Later')`,
    ],
    ['books that lie', /do not balance/, `UPDATE accounts SET credits = credits + 1`],
    ['bytes no bank sent', /damaged.*prf_/, `UPDATE spool SET body = CAST('{}' AS BLOB)`],
    ['another program', /no database of Giro's/, 'DROP TABLE migrations'],
  ])('refuses a database of %s in one sentence', async (_what, why, statement) => {
    const file = copyOfBackup()
    await tamper(sqlitePlace(file), statement)
    await expectRefused(file, why)
  })

  it('that is made twice at once ends with one whole database', async () => {
    const dataDir = folderWithKey()
    const runs = await Promise.all(
      [1, 2].map(() => runManage(['restore', backup], elsewhere(dataDir))),
    )
    expect(runs.map(({ code }) => code).toSorted()).toEqual([0, 1])
    expect(readdirSync(dataDir).toSorted()).toEqual(['giro.db', 'secret.key'])
    await expectBooksToBalance({ place: sqlitePlace(join(dataDir, 'giro.db')) })
  })

  function copyOfBackup(): string {
    const file = join(temporaryFolder(), 'copy')
    copyFileSync(backup, file)
    return file
  }

  async function expectRefused(file: string, why: RegExp): Promise<void> {
    const dataDir = folderWithKey()
    const { code, stdout, stderr } = await runManage(['restore', file], elsewhere(dataDir))
    expect(stderr).toMatch(/^[^\n]*\.\n$/)
    expect(stderr).toMatch(why)
    expect([code, stdout, readdirSync(dataDir)]).toEqual([1, '', ['secret.key']])
  }

  /** Every page but the first, so that the file still begins as a database does. */
  function overwrite(file: string): void {
    const handle = openSync(file, 'r+')
    writeSync(handle, Buffer.alloc(statSync(file).size - 4096, 0xa5), 0, undefined, 4096)
  }
})

describe('on a server', () => {
  it.each([
    [
      'backup',
      'postgres://ann:hu%20sh@db.example:5433/giro',
      /pg_dump -Fc .*-h db\.example -p 5433 -U ann -d giro/,
    ],
    ['restore', 'postgres://ann:hu%20sh@db.example:5433/giro', /pg_restore .*-d giro FILE/],
    [
      'backup',
      "mysql://o'neil:hu%20sh@[::1]/my%20money",
      /mariadb-dump --single-transaction .*-h ::1 -P 3306 -u 'o'\\''neil' -p 'my money'/,
    ],
    [
      'restore',
      'mysql://ann:hu%20sh@db.example/giro',
      /mariadb -h db\.example -P 3306 -u ann -p giro < FILE/,
    ],
  ])('%s names the server’s own tools, without the password: %s', async (command, url, tool) => {
    const { code, stdout, stderr } = await runManage([command, 'x'], { DATABASE_URL: url })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(tool)
    expect(stderr).not.toMatch(/hu.{0,3}sh/)
  })
})
