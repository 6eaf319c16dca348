import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import type { Notice } from '../../src/intake/bank.ts'
import { banks, openBanks } from '../../src/intake/index.ts'
import type { Reading } from '../../src/payment/index.ts'
import { loadSettings, settings } from '../../src/platform/config/index.ts'
import { type catalogue, UserError } from '../../src/platform/problem.ts'

/**
 * A bank's sample notices are data: `banks/<bank>.json`. Each has the headers and the body of a
 * notice (as text, or in base64 where it is none) and either the readings that are to come of it,
 * amounts in minor units, or the code of the refusal and the members that it has to point at.
 */
type Sample = {
  name: string
  headers: Record<string, string>
  body?: string
  bodyBase64?: string
} & (
  | { readings: (Omit<Reading, 'money'> & { amount: string; currency: string })[] }
  | { refusal: { code: keyof typeof catalogue; pointers: string[] } }
)

const samplesFolder = new URL('./banks/', import.meta.url)
const banksFolder = new URL('../../src/intake/banks/', import.meta.url)

const namesIn = (folder: URL, ending: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .toSorted()

const bankNames = namesIn(banksFolder, '.ts')

function samplesOf(name: string): Sample[] {
  return JSON.parse(readFileSync(new URL(`${name}.json`, samplesFolder), 'utf8')).notices
}

function noticeOf({ headers, body, bodyBase64 }: Sample): Notice {
  const bytes =
    bodyBase64 === undefined ? Buffer.from(body ?? '') : Buffer.from(bodyBase64, 'base64')
  return { headers, body: bytes, remoteAddress: '192.0.2.1' }
}

function bankOf(name: string) {
  const bank = banks.find((one) => one.name === name)
  if (!bank) throw new Error(`there is no bank ${name}`)
  return bank
}

describe('the banks', () => {
  it('are those that have a file, each under the name of its file', () => {
    expect(banks.map(({ name }) => name).toSorted()).toEqual(bankNames)
  })

  it('each have sample notices, and no samples are there without a bank', () => {
    expect(namesIn(samplesFolder, '.json')).toEqual(bankNames)
  })
})

describe.each(bankNames)('%s', (name) => {
  const samples = samplesOf(name)

  it('has samples of what it reads and of what it refuses', () => {
    expect(samples.filter((one) => 'readings' in one).length).toBeGreaterThan(0)
    expect(samples.filter((one) => 'refusal' in one).length).toBeGreaterThan(0)
    expect(new Set(samples.map((one) => one.name)).size).toBe(samples.length)
  })

  it.each(samples)('judges $name', (sample) => {
    const read = bankOf(name).read(noticeOf(sample))
    if ('readings' in sample) {
      const readings = sample.readings.map(({ amount, currency, ...rest }) => ({
        ...rest,
        money: { amount: BigInt(amount), currency },
      }))
      expect(read).toEqual({ ok: true, readings })
    } else {
      const refusal = read.ok ? undefined : read.refusal
      expect(refusal?.code).toBe(sample.refusal.code)
      const pointers = (refusal?.errors ?? []).map(({ pointer }) => pointer)
      expect(pointers).toEqual(sample.refusal.pointers)
      expect(refusal?.detail).toMatch(/^[A-Z].*\.$/s)
    }
  })

  it('breaks at no bytes whatever', () => {
    const [good] = samples.filter((one) => 'readings' in one)
    if (!good) throw new Error('there is a good sample')
    const { headers, body } = noticeOf(good)
    for (let i = 0; i < body.length; i += 1)
      for (const byte of [0x00, 0x22, 0x5c, 0x7b, 0xff]) {
        const broken = Buffer.from(body)
        broken[i] = byte
        expect(() => bankOf(name).read({ headers, body: broken, remoteAddress: '' })).not.toThrow()
      }
  })

  it('documents its notices and its settings', () => {
    const { documentation, settings: own } = bankOf(name)
    expect(documentation.contentType).toMatch(/^\w+\/[\w.+-]+$/)
    for (const { env, help } of Object.values(own)) {
      expect(env).toMatch(new RegExp(`^${name.toUpperCase()}_`))
      expect(help).toMatch(/.{10}/)
    }
  })
})

describe("africa_bank's door", () => {
  const africaBank = bankOf('africa_bank')
  const open = (host: string, token?: string) =>
    openBanks(loadSettings(settings, { HOST: host }), token ? { AFRICA_BANK_TOKEN: token } : {})
  const lets = (host: string, token: string | undefined, authorization: string | undefined) => {
    const opened = open(host, token).find(({ bank }) => bank === africaBank)
    if (!opened) throw new Error('the door is open')
    const headers = authorization === undefined ? {} : { authorization }
    const notice = { headers, body: Buffer.alloc(0), remoteAddress: '192.0.2.1' }
    return africaBank.authenticates(notice, opened.door)
  }

  it.each([
    ['127.0.0.1', undefined, undefined, true],
    ['::1', undefined, undefined, true],
    ['localhost', undefined, 'Bearer whatever', true],
    ['127.0.0.1', 'hush', undefined, false],
    ['127.0.0.1', 'hush', 'Bearer hush', true],
    ['0.0.0.0', 'hush', 'Bearer hush', true],
    ['0.0.0.0', 'hush', 'bearer hush', true],
    ['0.0.0.0', 'hush', 'Bearer hus', false],
    ['0.0.0.0', 'hush', 'Bearer hushh', false],
    ['0.0.0.0', 'hush', 'Bearer ', false],
    ['0.0.0.0', 'hush', 'hush', false],
    ['0.0.0.0', 'hush', 'Basic aHVzaA==', false],
    ['0.0.0.0', 'hush', undefined, false],
  ])('on %s with token %p lets %p in: %p', (host, token, authorization, allowed) => {
    expect(lets(host, token, authorization)).toBe(allowed)
  })

  it.each(['0.0.0.0', '::', '10.0.0.1', 'giro.example'])(
    'is not opened on %s, where everybody could walk in',
    (host) => {
      expect(() => open(host)).toThrow(UserError)
      expect(() => open(host)).toThrow('AFRICA_BANK_TOKEN')
    },
  )
})
