import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '../support/folder.ts'
import type { Json } from '../support/http.ts'
import { inParallel } from '../support/parallel.ts'
import { query, sqlitePlace, tamper } from '../support/place.ts'
import { repository, run, runManage } from '../support/program.ts'

const placeIn = (dataDir: string) => sqlitePlace(join(dataDir, 'giro.db'))

describe('--help', () => {
  const commands = {
    'create-db': [],
    'create-sample-data': [],
    serve: [],
    'run-payment-processor': [],
    start: [],
    'sample-partner': [],
    bank: ['list'],
    db: ['status'],
    partner: ['create', 'list', 'show', 'change', 'delete'],
    payer: ['create', 'list', 'show', 'change', 'delete'],
    route: ['create', 'list', 'change', 'delete'],
    key: ['create', 'list', 'revoke'],
    payment: ['list', 'show'],
    proof: ['show', 'export'],
    delivery: ['list', 'redeliver'],
    books: [],
    backup: [],
    restore: [],
    prune: [],
    'copy-to': [],
    config: [],
  }

  it('names every command and says in a few words what it does', async () => {
    const { code, stdout, stderr } = await runManage(['--help'], {})
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const name of Object.keys(commands))
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b.* {2}\\S`, 'm'))
  })

  it('names every part of every command', async () => {
    const whole = Object.entries(commands).filter(([, parts]) => parts.length > 0)
    const helps = await inParallel(whole, 3, ([name]) => runManage([name, '--help'], {}))
    for (const [i, [, parts]] of whole.entries()) {
      expect(helps[i]).toMatchObject({ code: 0, stderr: '' })
      for (const part of parts)
        expect(helps[i]?.stdout).toMatch(new RegExp(`^  ${part}\\b.* {2}\\S`, 'm'))
    }
  })

  it('is found from any folder, through scripts/manage', async () => {
    const manage = join(repository, 'scripts/manage')
    const { code, stdout } = await run('bash', ['-c', `cd / && '${manage}' --help`], {})
    expect(code).toBe(0)
    expect(stdout).toContain('run-payment-processor')
  })
})

describe('create-db', () => {
  it('creates the database once, and is safe to repeat', async () => {
    const DATA_DIR = join(temporaryFolder(), 'data')
    expect((await runManage(['create-db'], { DATA_DIR })).code).toBe(0)
    const before = await query(placeIn(DATA_DIR), 'SELECT sql FROM sqlite_master ORDER BY name')
    expect((await runManage(['create-db'], { DATA_DIR })).code).toBe(0)
    const after = await query(placeIn(DATA_DIR), 'SELECT sql FROM sqlite_master ORDER BY name')
    expect(after).toEqual(before)
  })

  it('leaves a database to a newer Giro alone, in one sentence', async () => {
    const DATA_DIR = join(temporaryFolder(), 'data')
    await runManage(['create-db'], { DATA_DIR })

    const later = `INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Later')`
    await tamper(placeIn(DATA_DIR), later)
    for (const command of [['create-db'], ['payer', 'list']]) {
      const { code, stderr } = await runManage(command, { DATA_DIR })
      expect(code).toBe(1)
      expect(stderr).toMatch(/^[^\n]*newer[^\n]*\.\n$/)
    }
  })
})

describe('two at once', () => {
  it('of create-db, and of create-sample-data, end well and leave one of everything', async () => {
    const DATA_DIR = join(temporaryFolder(), 'data')
    const thrice = (command: string) =>
      Promise.all(Array.from({ length: 3 }, () => runManage([command], { DATA_DIR })))
    for (const command of ['create-db', 'create-sample-data', 'create-sample-data'])
      for (const { code, stderr } of await thrice(command))
        expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' })

    expect(readdirSync(DATA_DIR).toSorted()).toEqual([
      'giro.db',
      'proofs',
      'sample-partner.json',
      'secret.key',
    ])
    expect(statSync(join(DATA_DIR, 'secret.key')).mode & 0o777).toBe(0o600)
    expect(statSync(DATA_DIR).mode & 0o777).toBe(0o700)
    for (const table of ['payers', 'partners', 'routes'])
      expect(await query(placeIn(DATA_DIR), `SELECT * FROM ${table}`)).toHaveLength(1)
  })
})

describe('create-sample-data', () => {
  it('makes what the first notice names, and keeps the secret for its owner alone', async () => {
    const settings = { DATA_DIR: join(temporaryFolder(), 'data'), SAMPLE_PARTNER_PORT: '5999' }
    await runManage(['create-db'], settings)
    expect((await runManage(['create-sample-data'], settings)).code).toBe(0)
    const ask = async (...args: string[]) =>
      JSON.parse((await runManage([...args, '--json'], settings)).stdout)
    expect(await ask('payer', 'list')).toMatchObject([{ id: 'payer1' }])
    const routes = [{ notify_method: 'api', contact_path: expect.stringContaining(':5999/') }]
    expect(await ask('partner', 'list')).toMatchObject([{ account_id: 'partner1', routes }])
    const file = join(settings.DATA_DIR, 'sample-partner.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toMatch(/whsec_/)
  })
})

describe('config', () => {
  const secrets = {
    SECRET_KEY: 'a1'.repeat(32),
    METRICS_TOKEN: 'metrics-hush',
    AFRICA_BANK_TOKEN: 'bank-hush',
    SMTP_URL: 'smtp://post:mail-hush@mail.example:25',
  }
  let rows: Json[]

  beforeAll(async () => {
    const settings = { ...secrets, PORT: '5050', DATA_DIR: '/srv/giro' }
    rows = JSON.parse((await runManage(['config', '--json'], settings)).stdout)
  })

  it('shows every setting with its value, where it is from and what it is for', () => {
    const names = rows.map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining([
        ...['DATA_DIR', 'DATABASE_URL', 'PROOF_STORE', 'SECRET_KEY', 'HOST', 'PORT'],
        ...['SAMPLE_PARTNER_PORT', 'INTAKE_TIMEOUT', 'SPOOL_MAX_BYTES', 'SHUTDOWN_TIMEOUT'],
        ...['DELIVERY_SCHEDULE', 'DELIVERY_TIMEOUT', 'DELIVERY_LEASE', 'DELIVERY_CONCURRENCY'],
        ...['OUTBOUND_ALLOW', 'OUTBOUND_PORTS', 'OUTBOUND_HTTPS_ONLY', 'OUTBOUND_PROXY'],
        ...['SMTP_URL', 'SMTP_FROM', 'SMTP_CONNECTIONS', 'METRICS_TOKEN', 'LOG_LEVEL'],
        ...['DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_KEY', 'AFRICA_BANK_TOKEN'],
      ]),
    )
    expect(new Set(names).size).toBe(names.length)
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(['name', 'value', 'source', 'help'])
      expect(row.help).toMatch(/\w{3}/)
    }
  })

  it('has the defaults of the contract, those of the data in DATA_DIR', () => {
    const defaults = rows.filter(({ source }) => source === 'default')
    expect(Object.fromEntries(defaults.map(({ name, value }) => [name, value]))).toMatchObject({
      DATABASE_URL: 'sqlite:/srv/giro/giro.db',
      PROOF_STORE: 'file:/srv/giro/proofs',
      HOST: '127.0.0.1',
      SAMPLE_PARTNER_PORT: '5001',
      INTAKE_TIMEOUT: '10',
      DELIVERY_SCHEDULE: '0,5,300,1800,7200,18000,36000,50400,72000,86400',
      DELIVERY_TIMEOUT: '15',
      DELIVERY_CONCURRENCY: '200',
    })
  })

  it('says what came from the environment', () => {
    const given = rows.filter(({ source }) => source === 'environment').map(({ name }) => name)
    expect(given.toSorted()).toEqual([...Object.keys(secrets), 'DATA_DIR', 'PORT'].toSorted())
    expect(rows.find(({ name }) => name === 'PORT').value).toBe('5050')
  })

  it('masks every secret, and only that', () => {
    const text = JSON.stringify(rows)
    expect(text).not.toMatch(/hush|a1a1/)
    expect(rows.find(({ name }) => name === 'SMTP_URL').value).toMatch(/^smtp:.*mail\.example:25$/)
  })
})

describe('TypeORM’s own command line', () => {
  it('works on ormconfig.ts and finds no migration left to run', async () => {
    const DATA_DIR = join(temporaryFolder(), 'data')
    await runManage(['create-db'], { DATA_DIR })
    const args = ['typeorm', 'migration:show', '-d', 'ormconfig.ts']
    const { code, stdout, stderr } = await run(join(repository, 'scripts/setup'), args, {
      DATA_DIR,
    })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/\[X\] /)
    expect(stdout).not.toMatch(/\[ \] /)
  })
})
