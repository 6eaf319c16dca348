import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { atEnd } from '../support/at-end.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Giro, openGiro } from '../support/giro.ts'
import { inParallel } from '../support/parallel.ts'
import { freePort } from '../support/port.ts'
import { run, runManage, type Settings, startManage } from '../support/program.ts'
import { until } from '../support/until.ts'

type Result = Awaited<ReturnType<typeof runManage>>

let giro: Giro
let takenPort: number

beforeAll(async () => {
  giro = await openGiro()
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  atEnd(() => server.close())
  takenPort = (server.address() as AddressInfo).port
})

/** It failed with one sentence on standard error, in a line of its own, and with nothing else. */
function expectOneSentence({ code, stdout, stderr }: Result): void {
  expect(stderr).toMatch(/^[A-Z][^\n]*\.\n$/)
  expect(stderr).not.toMatch(/\bat .*\.[jt]s:|node:internal|\[object/)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
}

describe('a command line that is wrong', () => {
  const lines: [string, RegExp][] = [
    ['nonsense', /nonsense/],
    ['serve --processes 2', /SQLite has one writer/],
    ['serve --processes 0', /--processes.*1 to/],
    ['serve --processes some', /--processes.*auto/],
    ['payer lst', /lst.*list/],
    ['payer list --limt 3', /--limt.*--limit/],
    ['payer list extra', /extra/],
    ['payer list --limit 0', /--limit.*0/],
    ['payer create', /--name|id/],
    ['payer create ann --name', /--name/],
    ['payment list --status lost', /--status.*lost.*received, notified, failed, unrouted/],
    ['proof list --outcome lost', /--outcome.*lost/],
    ['delivery list --status lost', /--status.*lost.*pending, waiting, sending/],
    ['key create --name x --scope root', /--scope.*root.*admin/],
    ['route create shop --method fax --to x', /--method.*fax.*api, email/],
    ['route create shop --method sms --to 07', /^The contact path is not a phone number[^(]*\.\n$/],
    ['route create shop --method api', /--to/],
    ['payment show pay_nothing', /pay_nothing/],
    ['payment watch --partner nobody', /nobody/],
    ['proof export prf_nothing', /prf_nothing/],
    ['delivery redeliver dlv_nothing', /dlv_nothing/],
    ['key revoke key_nothing', /key_nothing/],
    ['partner show nobody', /nobody/],
    ['route list nobody', /nobody/],
  ]
  let results: Result[]

  beforeAll(async () => {
    results = await inParallel(lines, 3, ([line]) => giro.manage(...line.split(' ')))
  }, 120_000)

  it.each(lines.map(([line, why], i) => [line, why, i] as const))(
    'is refused in one sentence, with exit code 1: %s',
    (_line, why, i) => {
      expectOneSentence(results[i] as Result)
      expect(results[i]?.stderr).toMatch(why)
    },
  )
})

describe('a value that is wrong', () => {
  const lines: [string, string[], RegExp][] = [
    ['an empty id', ['payer', 'create', '', '--name', 'N'], /id/],
    ['a long id', ['partner', 'create', 'x'.repeat(256), '--name', 'N'], /account_id/],
    ['credentials in a URL', routeOf('api', 'https://u:p@shop.example/'), /credentials/],
    ['no address', routeOf('email', 'nowhere'), /e-mail/],
  ]
  let results: Result[]

  beforeAll(async () => {
    await giro.manage('partner', 'create', 'shop', '--name', 'Shop')
    results = await inParallel(lines, 3, ([, args]) => giro.manage(...args))
  })

  it.each(lines.map(([what, , why], i) => [what, why, i] as const))(
    'is refused in one sentence: %s',
    (_what, why, i) => {
      expectOneSentence(results[i] as Result)
      expect(results[i]?.stderr).toMatch(why)
      expect(results[i]?.stderr).not.toContain('u:p@')
    },
  )

  it('is refused once it is there already', async () => {
    const again = await giro.manage('partner', 'create', 'shop', '--name', 'Shop')
    expectOneSentence(again)
    expect(again.stderr).toMatch(/shop/)
  })

  function routeOf(method: string, to: string): string[] {
    return ['route', 'create', 'shop', '--method', method, '--to', to]
  }
})

describe('a database', () => {
  const commands = ['serve', 'run-payment-processor', 'payer list', 'books', 'create-sample-data']

  it('that is missing is named, with the command that creates it', async () => {
    const DATA_DIR = join(temporaryFolder(), 'nothing')
    const results = await inParallel(commands, 3, (line) =>
      runManage(line.split(' '), { DATA_DIR }),
    )
    for (const result of results) {
      expectOneSentence(result)
      expect(result.stderr).toContain(join(DATA_DIR, 'giro.db'))
      expect(result.stderr).toContain('create-db')
    }
  })

  it.each([
    ['is no database at all', 'this is a letter to a friend. '.repeat(200)],
    ['has no tables yet', ''],
  ])('that %s is refused in one sentence', async (_what, content) => {
    const DATA_DIR = temporaryFolder()
    writeFileSync(join(DATA_DIR, 'giro.db'), content)
    expectOneSentence(await runManage(['payer', 'list'], { DATA_DIR }))
  })
})

describe('a folder that cannot be written', () => {
  /** The superuser writes anywhere, unless without the privileges that make him one. */
  function runUnprivileged(args: string[], settings: Settings): Promise<Result> {
    const command = [process.execPath, 'cli/manage.ts', ...args]
    const drop = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all'] : []
    const [program = '', ...rest] = [...drop, ...command]
    return run(program, rest, settings)
  }

  let folder: string

  beforeAll(() => {
    folder = join(temporaryFolder(), 'locked')
    mkdirSync(folder, { mode: 0o500 })
    atEnd(() => chmodSync(folder, 0o700))
  })

  it.each(['start', 'create-db'])('is named by %s', async (command) => {
    const DATA_DIR = join(folder, 'data')
    const result = await runUnprivileged([command], { DATA_DIR, PORT: '0' })
    expectOneSentence(result)
    expect(result.stderr).toContain(DATA_DIR)
  })

  it('is named by serve when it is the archive’s', async () => {
    const PROOF_STORE = `file:${join(folder, 'proofs')}`
    const result = await runUnprivileged(['serve'], { ...giro.settings, PROOF_STORE })
    expectOneSentence(result)
    expect(result.stderr).toContain(join(folder, 'proofs'))
  })

  it('is named when it is a file', async () => {
    const DATA_DIR = join(temporaryFolder(), 'file')
    writeFileSync(DATA_DIR, '')
    for (const command of ['start', 'create-db']) {
      const result = await runManage([command], { DATA_DIR })
      expectOneSentence(result)
      expect(result.stderr).toContain(DATA_DIR)
    }
  })
})

describe('a port that is taken', () => {
  it('is named by serve, with the setting to change', async () => {
    const result = await runManage(['serve'], { ...giro.settings, PORT: `${takenPort}` })
    expect(result.code).toBe(1)
    expect(result.stdout).toBe('')
    expect(result.stderr).toMatch(new RegExp(`^[^\\n]*${takenPort}[^\\n]*PORT[^\\n]*\\.\\n$`))
  })

  it.each(['PORT', 'SAMPLE_PARTNER_PORT'])(
    'is named by start as %s, which then ends',
    async (name) => {
      const free = { PORT: '0', SAMPLE_PARTNER_PORT: `${await freePort()}` }
      const DATA_DIR = join(temporaryFolder(), 'data')
      const settings = { DATA_DIR, ...free, [name]: `${takenPort}` }
      const program = startManage(['start'], settings)
      expect(await program.exited).toEqual({ code: 1, signal: null })
      const named = program.lines.filter((line) => line.includes(`${takenPort}`))
      expect(named).toHaveLength(1)
      expect(named[0]).toContain(name)
    },
  )
})

describe('start beside real partners alone', () => {
  it('runs without a sample partner', async () => {
    await giro.manage('partner', 'create', 'mine', '--name', 'Mine')
    const ports = { PORT: '0', SAMPLE_PARTNER_PORT: `${await freePort()}` }
    const program = startManage(['start'], { ...giro.settings, ...ports })
    await until('the greeting', () => program.lines.some((line) => /^Giro listens on/.test(line)))
    expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect(program.lines.join('\n')).not.toContain('sample')
  })
})

describe('settings that are wrong', () => {
  const wrong = {
    DATABASE_URL: 'oracle:giro',
    PROOF_STORE: 'ftp://proofs',
    SECRET_KEY: 'short',
    PORT: '70000',
    SAMPLE_PARTNER_PORT: 'five',
    INTAKE_TIMEOUT: 'soon',
    SPOOL_MAX_BYTES: '-1',
    DELIVERY_SCHEDULE: '0;5',
    DELIVERY_TIMEOUT: '15s',
    DELIVERY_LEASE: '-1',
    DELIVERY_CONCURRENCY: '0',
    SMTP_URL: 'http://mail',
    SHUTDOWN_TIMEOUT: 'never',
    LOG_LEVEL: 'loud',
  }

  it('are all named at once, in one sentence, by whatever is started', async () => {
    for (const command of ['serve', 'start']) {
      const result = await runManage([command], wrong)
      expectOneSentence(result)
      for (const name of Object.keys(wrong)) expect(result.stderr).toContain(name)
    }
  })

  it('are named where a bucket says no region, and nothing on the machine does', async () => {
    const nothing = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' }
    const PROOF_STORE = 's3://giro-proofs'
    const result = await runManage(['payer', 'list'], { ...giro.settings, ...nothing, PROOF_STORE })
    expectOneSentence(result)
    expect(result.stderr).toMatch(/^PROOF_STORE names no region.*AWS_REGION/)
  })

  it('are named without showing a secret', async () => {
    const { stderr } = await runManage(['serve'], { ...giro.settings, SECRET_KEY: 'hush-hush' })
    expect(stderr).toContain('SECRET_KEY')
    expect(stderr).not.toContain('hush-hush')
  })
})
