import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { type Answer, breakOff, type Headers, http, type Json, rawHttp } from '../support/http.ts'
import { query } from '../support/place.ts'
import { expectProblem } from '../support/problem.ts'

let giro: Giro
let serving: Serving

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve({ INTAKE_TIMEOUT: '0.3' })
  await registerSampleParties(serving.api)
})

const post = (body: string | Buffer, headers: Headers = {}) => tell(serving.url, body, headers)

/** The proofs that came into being while something was done, the oldest first. */
async function proofsOf<T>(work: () => Promise<T>): Promise<{ result: T; proofs: Json[] }> {
  const [before] = (await serving.api.get('/proofs?limit=1')).json.data
  const result = await work()
  const { data } = (await serving.api.get('/proofs?limit=50')).json
  const at = data.findIndex((one: Json) => one.id === before?.id)
  return { result, proofs: data.slice(0, at === -1 ? data.length : at).toReversed() }
}

type Kept = { status: number; code: string; outcome: string; pointers?: string[] }

/** The notice is refused so, and what came is kept byte for byte all the same. */
async function expectRefusedAndKept(
  body: string | Buffer,
  { outcome, ...problem }: Kept,
  headers: Headers = {},
): Promise<void> {
  const { result, proofs } = await proofsOf(() => post(body, headers))
  expectProblem(result, problem)
  expect(proofs.map((one) => one.outcome)).toEqual([outcome])
  const content = await serving.api.get(`/proofs/${proofs[0].id}/content`)
  expect(content.bytes).toEqual(Buffer.from(body))
}

async function expectNothingKept(work: () => Promise<unknown>): Promise<void> {
  expect((await proofsOf(work)).proofs).toEqual([])
}

describe('a notice that cannot be read', () => {
  const unreadable = { status: 400, code: 'json_unreadable', outcome: 'unreadable' }

  it.each([
    ['is empty', ''],
    ['breaks off', '{"reference_number":"payer1"'],
    ['has a comma too many', '{"amount":"55",}'],
    ['has two values', '{}{}'],
    ['is XML', '<payment/>'],
    ['has NaN, which JSON has not', '{"amount":NaN}'],
    ['has a raw NUL in a string', '{"reference_number":"pay\0er1"}'],
  ])('is refused with 400 when it %s, and kept', (_why, body) =>
    expectRefusedAndKept(body, unreadable),
  )

  it.each([
    ['Latin-1', Buffer.from(notice({ reference_number: 'pay\u00e9r' }), 'latin1')],
    ['UTF-16', Buffer.from(notice(), 'utf16le')],
    ['a surrogate spelt in bytes', Buffer.from('7b2261223a22eda080227d', 'hex')],
    ['an overlong slash', Buffer.from('7b2261223a22c0af227d', 'hex')],
  ])('is refused with 400 when it is not UTF-8 but %s, and kept', (_what, body) =>
    expectRefusedAndKept(body, unreadable),
  )
})

describe('a notice that is not sent as JSON', () => {
  const unsupported = { status: 415, code: 'unsupported_media_type', outcome: 'unreadable' }

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'jsonish'])(
    'is refused with 415 as %s, and kept',
    (type) => expectRefusedAndKept(firstNotice, unsupported, { 'content-type': type }),
  )

  it('is refused with 415 without a content type, and kept', async () => {
    const { result, proofs } = await proofsOf(() =>
      http(`${serving.url}/africa_bank`, { method: 'POST', body: firstNotice }),
    )
    expectProblem(result, { status: 415, code: 'unsupported_media_type' })
    expect(proofs).toHaveLength(1)
  })

  it.each(['gzip', 'deflate', 'br', 'identity, gzip', 'nonsense'])(
    'is refused with 415 in the content encoding %s, and its bytes are kept as they came',
    (encoding) =>
      expectRefusedAndKept(gzipSync(firstNotice), unsupported, { 'content-encoding': encoding }),
  )

  it.each([
    { 'content-type': 'application/json; charset=utf-8' },
    { 'content-type': 'application/json;charset=UTF-8' },
    { 'content-type': 'Application/JSON' },
    { 'content-encoding': 'identity' },
  ])('is taken with %j', async (headers) => {
    expect((await post(firstNotice, headers)).status).toBe(201)
  })
})

describe('a notice of another shape', () => {
  const invalid = { status: 422, code: 'invalid', outcome: 'refused' }

  it.each(['[]', '"notice"', '5', 'null', 'true', `[${firstNotice}]`])(
    'is refused with 422 when it is %s, and kept',
    (body) => expectRefusedAndKept(body, { ...invalid, pointers: [''] }),
  )

  it.each([
    ['reference_number', 'missing', undefined],
    ['account_number', 'missing', undefined],
    ['amount', 'missing', undefined],
    ['currency', 'missing', undefined],
    ['reference_number', 'a number', 7],
    ['account_number', 'null', null],
    ['amount', 'true', true],
    ['amount', 'null', null],
    ['amount', 'a list', ['55']],
    ['amount', 'an object', { value: '55' }],
    ['currency', 'a number', 840],
    ['reference_number', 'empty', ''],
    ['account_number', 'empty', ''],
    ['reference_number', '256 characters long', 'r'.repeat(256)],
    ['account_number', '256 characters long', 'a'.repeat(256)],
    ['account_number', '256 characters outside the first plane long', '\u{1f600}'.repeat(256)],
    ['reference_number', 'NUL', '\u0000'],
    ['account_number', 'text with a NUL', 'partner1\u0000'],
    ['reference_number', 'half of a surrogate pair', '\ud800'],
    ['account_number', 'a surrogate pair in the wrong order', '\udc00\ud800'],
  ])('is refused with 422 that names /%s when that is %s', (name, _what, value) =>
    expectRefusedAndKept(notice({ [name]: value }), { ...invalid, pointers: [`/${name}`] }),
  )

  it('names every wrong member at once', () =>
    expectRefusedAndKept('{"reference_number":"","amount":[],"payment_date":"soon"}', {
      ...invalid,
      pointers: ['/reference_number', '/account_number', '/amount', '/currency', '/payment_date'],
    }))
})

describe('a notice that names what nobody knows', () => {
  it.each([
    ['payer_unknown', { reference_number: 'nobody' }, ['/reference_number']],
    ['payer_unknown', { reference_number: 'payer1 ' }, ['/reference_number']],
    ['payer_unknown', { reference_number: 'PAYER1' }, ['/reference_number']],
    ['partner_unknown', { account_number: 'nobody' }, ['/account_number']],
    ['currency_unknown', { currency: 'usd' }, ['/currency']],
    ['currency_unknown', { currency: 'ABC' }, ['/currency']],
    ['currency_unknown', { currency: '' }, ['/currency']],
    ['currency_unknown', { currency: 'USD ' }, ['/currency']],
    ['currency_unknown', { currency: 'US\u0000' }, ['/currency']],
  ])('is refused with 422 %s for %j, and kept as refused', (code, change, pointers) =>
    expectRefusedAndKept(notice(change), { status: 422, code, outcome: 'refused', pointers }),
  )

  it('names an unknown payer and an unknown partner together', () =>
    expectRefusedAndKept(notice({ reference_number: 'nobody', account_number: 'nobody' }), {
      status: 422,
      code: 'payer_unknown',
      outcome: 'refused',
      pointers: ['/reference_number', '/account_number'],
    }))

  it.each(['r', '\u{1f600}'])('may have references of 255 times %s', (character) =>
    expectRefusedAndKept(notice({ reference_number: character.repeat(255) }), {
      status: 422,
      code: 'payer_unknown',
      outcome: 'refused',
    }),
  )

  it('is refused, never a fault, when it is nested ten thousand deep', async () => {
    const deep = `{"amount":5,"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
    expect([400, 422]).toContain((await post(deep)).status)
  })
})

describe('members that nobody asked for', () => {
  it.each([{ note: 'thanks' }, { id: 'pay_1', status: 'notified' }, { amounts: [1, 2] }])(
    'are ignored: %j',
    async (extra) => {
      const { status, json } = await post(notice(extra))
      expect(status).toBe(201)
      expect(json).toMatchObject({ amount: '55.00', status: 'unrouted' })
    },
  )
})

describe('the date of the bank', () => {
  it.each([
    '2026-11-21',
    '2024-02-29',
    '2026-11-21T10:40:00Z',
    '2026-11-21T10:40:00.123Z',
    '2026-11-21T10:40:00+02:00',
    '2026-11-21T10:40:00',
  ])('is given back as it was sent: %s', async (date) => {
    const { status, json } = await post(notice({ payment_date: date }))
    expect(status).toBe(201)
    expect(json.payment_bank_date).toBe(date)
    const { data } = (await serving.api.get('/payments?limit=1')).json
    expect(data[0].payment_bank_date).toBe(date)
  })

  it.each([
    '',
    'yesterday',
    '21.11.2026',
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-11-21T25:00:00Z',
    ' 2026-11-21',
    '2026-11-21\n',
    20261121,
    null,
    `2026-11-21T10:40:00.${'0'.repeat(20)}Z`,
  ])('is refused with 422 when it is %j', (date) =>
    expectRefusedAndKept(notice({ payment_date: date }), {
      status: 422,
      code: 'invalid',
      outcome: 'refused',
      pointers: ['/payment_date'],
    }),
  )
})

describe('what never was a notice', () => {
  it('is answered 404 at the door of a bank that is not there, and not kept', () =>
    expectNothingKept(async () => {
      const answer = await http(`${serving.url}/moon_bank`, { method: 'POST', body: firstNotice })
      expectProblem(answer, { status: 404, code: 'not_found' })
    }))

  it.each(['GET', 'PUT', 'PATCH', 'DELETE'])(
    'is answered 405 with Allow: POST as %s, and not kept',
    (method) =>
      expectNothingKept(async () => {
        const answer = await http(`${serving.url}/africa_bank`, { method, body: null })
        expectProblem(answer, { status: 405, code: 'method_not_allowed' })
        expect(answer.headers.allow).toBe('POST')
      }),
  )

  it('is answered 413 when it announces more than 1 MiB, and not kept', () =>
    expectNothingKept(async () => {
      const answer = await post(firstNotice.padEnd(1024 * 1024 + 1))
      expectProblem(answer, { status: 413, code: 'body_too_large' })
    }))

  it('is answered 413 when it turns out to have more than 1 MiB, and not kept', () =>
    expectNothingKept(async () => {
      const head = `${headOf()}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n`
      const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
      const text = await rawHttp(serving.url, `${head}${chunk.repeat(17)}0\r\n\r\n`)
      expectProblem(parsed(text), { status: 413, code: 'body_too_large' })
    }))

  it('is answered 408 when its body does not arrive in time, and not kept', () =>
    expectNothingKept(async () => {
      const began = performance.now()
      const text = await rawHttp(serving.url, `${headOf()}Content-Length: 94\r\n\r\n{"reference`)
      expectProblem(parsed(text), { status: 408, code: 'request_timeout' })
      expect(performance.now() - began).toBeLessThan(2000)
    }))

  it('is not kept when the bank goes away in the middle of it', () =>
    expectNothingKept(async () => {
      await breakOff(serving.url, `${headOf()}Content-Length: 93\r\n\r\n${firstNotice.slice(1)}`)
      expect((await http(`${serving.url}/healthz`)).status).toBe(200)
    }))
})

describe('what is no proper HTTP', () => {
  it.each(['NONSENSE\r\n\r\n', 'POST /africa_bank HTTP/1.1\r\nContent-Length: many\r\n\r\n'])(
    'is the server’s own bare 400 when it is not HTTP: %j',
    (text) =>
      expectNothingKept(async () => {
        expect(await rawHttp(serving.url, text)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
      }),
  )

  it('is problem details also where the URL cannot be decoded', async () => {
    const text = await rawHttp(
      serving.url,
      'GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    )
    expect([400, 404]).toContain(parsed(text).status)
    expect(parsed(text).headers['content-type']).toBe('application/problem+json')
  })

  it('is problem details or a payment also where it expects what nobody knows', async () => {
    const head = `${headOf()}Expect: a-miracle\r\nConnection: close\r\n`
    const text = await rawHttp(
      serving.url,
      `${head}Content-Length: ${firstNotice.length}\r\n\r\n${firstNotice}`,
    )
    const { status, headers } = parsed(text)
    const type = status === 201 ? 'application/json' : 'application/problem+json'
    expect(headers['content-type']).toBe(type)
  })
})

describe('a notice of exactly 1 MiB', () => {
  it('is taken', async () => {
    expect((await post(firstNotice.padEnd(1024 * 1024))).status).toBe(201)
  })
})

describe('what is kept of a notice', () => {
  it('tells method, path, headers, size, hash, time and sender, but no credentials', async () => {
    const { proofs } = await proofsOf(() =>
      http(`${serving.url}/africa_bank?branch=7`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: 'Bearer open-sesame',
          cookie: 'session=open-sesame',
          'x-trace': 'abc',
        },
        body: firstNotice,
      }),
    )
    const { headers, ...rest } = proofs[0]
    expect(rest).toEqual({
      id: expect.stringMatching(/^prf_/),
      bank: 'africa_bank',
      proof_key: expect.stringMatching(/^africa_bank\/\d{4}\/\d\d\/\d\d\/prf_\w+\.bin$/),
      outcome: 'accepted',
      method: 'POST',
      path: '/africa_bank?branch=7',
      sha256: await sha256(firstNotice),
      size: firstNotice.length,
      remote_address: '127.0.0.1',
      received_date: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    })
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-trace': 'abc' })
    expect(Object.keys(headers)).toEqual(expect.arrayContaining(['authorization', 'cookie']))
  })

  it('has credentials neither in the database nor in the log', async () => {
    const headers = await query(giro.place, `SELECT headers FROM proofs WHERE path LIKE '%branch%'`)
    expect(headers).toHaveLength(1)
    expect(JSON.stringify(headers)).not.toContain('open-sesame')
    expect(serving.lines.join('\n')).not.toContain('open-sesame')
  })
})

describe('after all this', () => {
  it('the books balance, and no fault was logged', async () => {
    await expectBooksToBalance(giro)
    expect(serving.logs().filter(({ level }) => Number(level) >= 50)).toEqual([])
  })
})

function headOf(): string {
  return 'POST /africa_bank HTTP/1.1\r\nHost: giro\r\nContent-Type: application/json\r\n'
}

/** The answer in the bytes of a connection. */
function parsed(text: string): Answer {
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = lines.map((line) => line.toLowerCase().split(': ') as [string, string])
  const json = body.startsWith('{') ? JSON.parse(body) : null
  const status = Number(first.split(' ')[1])
  return { status, headers: Object.fromEntries(headers), bytes: Buffer.from(body), json }
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', Buffer.from(text))
  return Buffer.from(hash).toString('hex')
}
