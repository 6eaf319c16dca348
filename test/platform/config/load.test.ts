import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { allSettings } from '../../../src/compose.ts'
import {
  isLoopback,
  loadSettings,
  pathOf,
  proofPlaceOf,
  settings,
  showSettings,
  withoutPassword,
} from '../../../src/platform/config/index.ts'
import { UserError } from '../../../src/platform/problem.ts'
import { repository } from '../../support/program.ts'

const load = (environment: Record<string, string> = {}) => loadSettings(settings, environment)
const shown = (environment: Record<string, string> = {}) =>
  Object.fromEntries(showSettings(allSettings, environment).map((row) => [row.name, row]))

describe('the settings', () => {
  it('have the defaults that are promised', () => {
    const second = 1000
    expect(load()).toEqual({
      dataDir: './data',
      databaseUrl: 'sqlite:data/giro.db',
      databaseConnections: 10,
      proofStore: 'file:data/proofs',
      secretKey: null,
      host: '127.0.0.1',
      port: 5000,
      samplePartnerPort: 5001,
      intakeTimeoutMs: 10 * second,
      spoolMaxBytes: expect.any(Number),
      deliverySchedule: [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map(
        (seconds) => seconds * second,
      ),
      deliveryTimeoutMs: 15 * second,
      deliveryLeaseMs: expect.any(Number),
      deliveryConcurrency: 200,
      deliveryDisableAfterMs: 432_000 * second,
      outboundAllow: null,
      outboundPorts: null,
      outboundHttpsOnly: false,
      outboundProxy: null,
      mailServer: null,
      operatorEmail: null,
      dkimDomain: null,
      dkimSelector: null,
      dkimKey: null,
      smtpConnections: 5,
      smtpFrom: expect.any(String),
      shutdownTimeoutMs: expect.any(Number),
      metricsToken: null,
      logLevel: 'info',
    })
    expect(load().deliverySchedule).toHaveLength(10)
    expect(load().deliveryLeaseMs).toBeGreaterThan(load().deliveryTimeoutMs)
  })

  it('keep database and proofs in DATA_DIR unless told otherwise', () => {
    expect(load({ DATA_DIR: '/srv/giro' })).toMatchObject({
      databaseUrl: 'sqlite:/srv/giro/giro.db',
      proofStore: 'file:/srv/giro/proofs',
    })
    const given = { DATA_DIR: '/srv/giro', DATABASE_URL: 'sqlite:/fast/giro.db' }
    expect(load(given).databaseUrl).toBe('sqlite:/fast/giro.db')
  })

  it('name all that is wrong at once, by the names that people set', () => {
    const wrong = {
      PORT: '70000',
      SECRET_KEY: 'abc',
      DELIVERY_SCHEDULE: '0,soon',
      LOG_LEVEL: 'loud',
      INTAKE_TIMEOUT: '-1',
      DATABASE_URL: 'oracle:x',
    }
    const loading = () => load(wrong)
    expect(loading).toThrow(UserError)
    for (const name of Object.keys(wrong)) expect(loading).toThrow(name)
  })

  it('do not say a secret in the sentence that refuses it', () => {
    expect(() => load({ SECRET_KEY: 'deadbeef' })).toThrow(/^(?!.*deadbeef)/)
  })

  it('take an empty variable for one that is not set', () => {
    expect(load({ PORT: '', SMTP_URL: '' })).toMatchObject({ port: 5000, mailServer: null })
  })

  it.each(['giro@bank.example', 'Giro <giro@bank.example>', '"Giro, Ltd" <giro@bank.example>'])(
    'take %j for a sender',
    (sender) => {
      expect(load({ SMTP_FROM: sender }).smtpFrom).toBe(sender)
    },
  )

  it('take what SMTP_URL says apart', () => {
    const server = { host: 'mail.example', port: 587, secure: false, requireTLS: false, auth: null }
    const taken = (url: string) => load({ SMTP_URL: url }).mailServer
    expect(taken('smtp://mail.example')).toEqual(server)
    expect(taken('smtp://mail.example:25?starttls=required')).toEqual({
      ...server,
      port: 25,
      requireTLS: true,
    })
    expect(taken('smtps://gi%40ro:p%25@[::1]')).toEqual({
      ...server,
      host: '::1',
      port: 465,
      secure: true,
      requireTLS: true,
      auth: { user: 'gi@ro', pass: 'p%' },
    })
  })

  it.each([
    ['PORT', ['-1', '65536', '80.5', '5e3', ' 80', 'http', '0x50']],
    ['DELIVERY_CONCURRENCY', ['0', '-5', '1.5', 'many']],
    ['DELIVERY_TIMEOUT', ['-1', 'soon', '1s', '1e3', '']],
    ['DELIVERY_SCHEDULE', [',', '0,', '0,-5', '0;5', 'a']],
    ['SECRET_KEY', ['0'.repeat(63), '0'.repeat(65), 'g'.repeat(64)]],
    ['DATABASE_URL', ['giro.db', 'sqlite:', 'mysql://x']],
    ['PROOF_STORE', ['proofs', 'file:', 'ftp://x', 's3:', 's3:bucket']],
    ['OUTBOUND_ALLOW', ['10.0.0.1', '10.0.0.0/33', '::/129', 'all', '10.0.0.0/8,', 'fe80::%1/64']],
    ['OUTBOUND_PORTS', ['0', '65536', '443,', '443;80', '80-90', 'https']],
    ['OUTBOUND_HTTPS_ONLY', ['1', 'yes', 'TRUE']],
    ['OUTBOUND_PROXY', ['proxy:3128', 'https://proxy:3128', 'http://', 'http://a:b@proxy:3128']],
    ['OUTBOUND_PROXY', ['http://proxy:3128/path', 'http://proxy:70000', 'socks5://proxy:1080']],
    [
      'SMTP_URL',
      [
        'localhost:25',
        'http://localhost',
        'smtp://',
        'smtp://mail.example/path',
        'smtp://mail.example?pool=true',
        'smtp://mail.example?starttls=maybe',
        'smtps://mail.example?starttls=required',
        'smtp://user@mail.example',
        'smtp://user:50%@mail.example',
      ],
    ],
    ['SMTP_FROM', ['Giro', 'a@b.example, c@d.example', 'Giro <giro@b.example', 'a@b\r\nBcc: c@d']],
    ['SMTP_CONNECTIONS', ['0', '101', 'five']],
    ['DKIM_DOMAIN', ['bank example', '.bank.example', 'bank.example.', 'a;b']],
    ['DKIM_SELECTOR', ['giro; t=y', 'a b']],
    ['LOG_LEVEL', ['INFO', 'loud']],
  ])('refuse what %s cannot be', (name, values) => {
    for (const value of values.filter((one) => one !== ''))
      expect(() => load({ [name]: value })).toThrow(`${name} must`)
  })

  it.each([
    ['DELIVERY_TIMEOUT', '4000000'],
    ['INTAKE_TIMEOUT', '4000000'],
    ['SHUTDOWN_TIMEOUT', '4000000'],
  ])('refuse a %s longer than a timer can hold, which would end it at once', (name, value) => {
    expect(() => load({ [name]: value })).toThrow(`${name} must`)
  })

  it('read networks, ports and a proxy', () => {
    const { outboundAllow: allow, ...loaded } = load({
      OUTBOUND_ALLOW: '10.1.0.0/16, fd00::/8',
      OUTBOUND_PORTS: '443, 8443',
      OUTBOUND_HTTPS_ONLY: 'true',
      OUTBOUND_PROXY: 'http://[::1]:3128',
    })
    expect(['10.1.2.3', 'fd12::1', '10.2.0.0', 'fe80::1'].map((one) => allow?.has(one))).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(loaded).toMatchObject({ outboundPorts: [443, 8443], outboundHttpsOnly: true })
    expect(loaded.outboundProxy).toEqual({ host: '::1', port: 3128 })
    expect(load({ OUTBOUND_PROXY: 'http://proxy/' }).outboundProxy?.port).toBe(80)
  })

  it('read seconds into milliseconds', () => {
    expect(load({ DELIVERY_SCHEDULE: '0, 0.5,2' }).deliverySchedule).toEqual([0, 500, 2000])
    expect(load({ DELIVERY_TIMEOUT: '1.5' }).deliveryTimeoutMs).toBe(1500)
  })
})

describe('what is shown of the settings', () => {
  it('is every one of them, with its value, where that is from, and what it is for', () => {
    const rows = shown({ PORT: '6000' })
    expect(Object.keys(rows)).toEqual(Object.values(allSettings).map(({ env }) => env))
    expect(rows.PORT).toMatchObject({ value: '6000', source: 'environment' })
    expect(rows.HOST).toMatchObject({ value: '127.0.0.1', source: 'default' })
    expect(rows.SMTP_URL).toMatchObject({ value: null })
    for (const { help } of Object.values(rows)) expect(help).toMatch(/^.{10,}[^.]$/)
  })

  it('hides secrets', () => {
    const secret = '0123456789abcdef'.repeat(4)
    const rows = shown({ SECRET_KEY: secret, METRICS_TOKEN: 'hush', AFRICA_BANK_TOKEN: 'hush' })
    expect(JSON.stringify(rows)).not.toContain('hush')
    expect(JSON.stringify(rows)).not.toContain(secret)
    expect(rows.SECRET_KEY?.value).toBe('********')
  })

  it('hides the password of a URL whatever it is made of, and nothing else', () => {
    const awkward = fc.string({
      unit: fc.constantFrom(...'aZ9@:/?#%+ '),
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(awkward, (password) => {
        const url = `smtp://user:${password}@mail.example:25`
        fc.pre(URL.canParse(url))
        expect(withoutPassword(url)).toBe('smtp://user:********@mail.example:25')
      }),
    )
    const value = shown({ SMTP_URL: 'smtp://user:p@ss@mail.example:25' }).SMTP_URL?.value
    expect(value).toBe('smtp://user:********@mail.example:25')
    const plain = 'smtp://mail.example:25'
    expect(shown({ SMTP_URL: plain }).SMTP_URL?.value).toBe(plain)
  })
})

describe('an archive on S3', () => {
  it('is a bucket, with all that is said of it', () => {
    const plain = { kind: 's3', prefix: '', endpoint: null, region: null }
    const without = { ...plain, lock: null, encryption: null }
    expect(proofPlaceOf('s3://giro-proofs')).toEqual({ ...without, bucket: 'giro-proofs' })
    const endpoint = 'endpoint=http://127.0.0.1:9000'
    expect(proofPlaceOf(`s3://proofs.x/a%20b/c/?${endpoint}&region=eu-west-1`)).toEqual({
      ...without,
      bucket: 'proofs.x',
      prefix: 'a b/c',
      endpoint: 'http://127.0.0.1:9000',
      region: 'eu-west-1',
    })
    const key = 'arn:aws:kms:eu-west-1:1:key/a-b'
    expect(
      proofPlaceOf(`s3://giro?lock_days=3650&encryption=aws:kms&kms_key=${key}`),
    ).toMatchObject({
      lock: { days: 3650, mode: 'COMPLIANCE' },
      encryption: { algorithm: 'aws:kms', kmsKey: key },
    })
    expect(proofPlaceOf('s3://giro?lock_days=1&lock_mode=governance')).toMatchObject({
      lock: { mode: 'GOVERNANCE' },
    })
  })

  it.each([
    ['s3://', 'must'],
    ['s3://ab', 'must name a bucket'],
    ['s3://Giro', 'must name a bucket'],
    ['s3://giro_proofs', 'must name a bucket'],
    ['s3://giro:9000/x', 'must be like s3://BUCKET/PREFIX'],
    ['s3://giro/x#y', 'must be like s3://BUCKET/PREFIX'],
    ['s3://giro/%zz', 'must have a prefix'],
    [`s3://giro/${'x'.repeat(513)}`, 'must have a prefix'],
    ['s3://AKIA1:hush@giro/x', 'must not hold credentials'],
    ['s3://giro?secret_access_key=hush', 'must not hold credentials'],
    ['s3://giro?endpoint=http://AKIA1:hush@x', 'has a wrong endpoint: it must not hold'],
    ['s3://giro?endpoint=ftp://x', 'has a wrong endpoint: it must be like'],
    ['s3://giro?endpoint=http://x/y', 'has a wrong endpoint: it must be like'],
    ['s3://giro?region=Frankfurt', 'has a wrong region: it must be like'],
    ['s3://giro?region=', 'must say region once'],
    ['s3://giro?region=a&region=b', 'must say region once'],
    ['s3://giro?colour=red', 'must not have the parameter colour, but may have endpoint, region'],
    ['s3://giro?lock_days=0', 'has a wrong lock_days: it must be a whole number from 1'],
    ['s3://giro?lock_mode=compliance', 'must say lock_days beside lock_mode'],
    ['s3://giro?lock_days=1&lock_mode=soft', 'has a wrong lock_mode: it must be one of'],
    ['s3://giro?encryption=rot13', 'has a wrong encryption: it must be one of AES256'],
    ['s3://giro?kms_key=x', 'must say encryption=aws:kms beside kms_key'],
    ['s3://giro?encryption=AES256&kms_key=x', 'must say encryption=aws:kms beside kms_key'],
  ])('is refused in words where it cannot be: %s', (value, words) => {
    const loading = () => load({ PROOF_STORE: value })
    expect(loading).toThrow(UserError)
    expect(loading).toThrow(`PROOF_STORE ${words}`)
    expect(loading).toThrow(/^(?!.*hush)/)
  })

  it('is shown whole, since nothing in it is secret', () => {
    const url = 's3://giro/x?encryption=aws:kms&kms_key=alias/giro'
    expect(shown({ PROOF_STORE: url }).PROOF_STORE).toMatchObject({ value: url })
  })
})

describe('a path in a setting', () => {
  it('is from the repository, wherever a command is started', () => {
    expect(pathOf('sqlite:./data/giro.db')).toBe(`${repository}data/giro.db`)
    expect(pathOf('file:data/proofs')).toBe(`${repository}data/proofs`)
    expect(pathOf('./data')).toBe(`${repository}data`)
    expect(pathOf('file:/srv/proofs')).toBe('/srv/proofs')
  })
})

describe('a loopback address', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['localhost', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['', false],
    ['10.0.0.1', false],
    ['127.0.0.1.example.com', false],
    ['127.example.com', false],
    ['localhost.example.com', false],
  ])('%j is one: %s', (host, loopback) => {
    expect(isLoopback(host)).toBe(loopback)
  })
})
