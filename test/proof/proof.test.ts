import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { original } from '../../src/proof/index.ts'

const heard = {
  id: 'prf_1',
  bank: 'test_bank',
  method: 'POST',
  path: '/test_bank?x=1',
  headers: {},
  secretHeaders: new Set<string>(),
  body: Buffer.from('{}'),
  remoteAddress: '192.0.2.1',
  receivedDate: Date.UTC(2026, 0, 2, 23, 59, 59, 999),
}

describe('what is kept of a notice', () => {
  it('has the hash and the size of its very bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const body = Buffer.from(bytes)
        const sha256 = createHash('sha256').update(body).digest('hex')
        expect(original({ ...heard, body })).toMatchObject({ body, sha256, size: body.length })
      }),
    )
  })

  it('has a place in the archive that is known from the start, by bank and day in UTC', () => {
    expect(original(heard).proofKey).toBe('test_bank/2026/01/02/prf_1.bin')
    const later = { ...heard, receivedDate: heard.receivedDate + 1 }
    expect(original(later).proofKey).toBe('test_bank/2026/01/03/prf_1.bin')
  })

  it('has its headers, with credentials masked always, and what the bank names as secret', () => {
    const headers = {
      authorization: 'Bearer hush',
      cookie: 'session=hush',
      'proxy-authorization': 'Basic hush',
      'x-bank-signature': 'hush',
      'content-type': 'application/json',
      'x-other': ['a', 'b'] as unknown as string,
    }
    const kept = original({ ...heard, headers, secretHeaders: new Set(['x-bank-signature']) })
    expect(kept.headers).not.toContain('hush')
    expect(JSON.parse(kept.headers)).toEqual({
      authorization: '********',
      cookie: '********',
      'proxy-authorization': '********',
      'x-bank-signature': '********',
      'content-type': 'application/json',
      'x-other': ['a', 'b'],
    })
  })
})
