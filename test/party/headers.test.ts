import { randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { headerNames, headersInput, openHeaders, sealHeaders } from '../../src/party/headers.ts'
import { createVault } from '../../src/platform/secret.ts'
import { openRoad } from '../support/road.ts'

const vault = createVault(randomBytes(32))

/** Pointers of what is wrong. */
function wrongIn(headers: Record<string, string>): string[] {
  const { error } = headersInput.safeParse(headers)
  return error?.issues.map(({ path }) => `/${path.join('/')}`) ?? []
}

describe('a header', () => {
  it.each([
    ['X-Api-Key', 'a'],
    ['authorization', 'Bearer abc.def'],
    ["!#$%&'*+-.^_`|~9", '!'],
    ['x-long', 'v'.repeat(4090)],
    ['content', 'a b'],
  ])('may be %s', (name, value) => {
    expect(wrongIn({ [name]: value })).toEqual([])
  })

  it.each(['', 'a b', 'a:', 'ä', 'a\r\n', 'n'.repeat(129), '(x)', 'a\0'])(
    'may not have the name %j',
    (name) => {
      expect(wrongIn({ [name]: 'a' })).toEqual([`/${name}`])
    },
  )

  it.each(['', ' a', 'a ', 'a\nb', 'a\rb', 'a\tb', 'a\0', 'a\x7f', 'ü'])(
    'may not have the value %j',
    (value) => {
      expect(wrongIn({ 'X-Key': value })).toEqual(['/X-Key'])
    },
  )

  it.each([
    'Host',
    'Content-Type',
    'content-length',
    'Content-Encoding',
    'TRANSFER-ENCODING',
    'Connection',
    'Keep-Alive',
    'Proxy-Authorization',
    'TE',
    'Trailer',
    'Upgrade',
    'Expect',
    'User-Agent',
    'webhook-id',
    'Webhook-Signature',
    'webhook-anything',
  ])('may not be %s, which Giro or HTTP sets', (name) => {
    expect(wrongIn({ [name]: 'a' })).toEqual([`/${name}`])
  })

  it('is there once, whatever the case, among at most twenty', () => {
    expect(wrongIn({ 'X-Key': 'a', 'x-key': 'b' })).toEqual(['/x-key'])
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, 'a']))
    expect(wrongIn(many(20))).toEqual([])
    expect(wrongIn(many(21))).toEqual(['/'])
  })

  it('takes no more than 4096 characters with all others', () => {
    expect(wrongIn({ a: 'v'.repeat(2000), b: 'v'.repeat(2094) })).toEqual([])
    expect(wrongIn({ a: 'v'.repeat(2000), b: 'v'.repeat(2095) })).toEqual(['/'])
  })

  it('whose value is taken arrives as it was given', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        fc.pre(wrongIn({ 'x-key': value }).length === 0)
        expect(new Headers({ 'x-key': value }).get('x-key')).toBe(value)
      }),
    )
  })
})

describe('headers that are kept', () => {
  it('have their names in clear, and their values for who has the key', () => {
    const headers = { 'X-Api-Key': 'secret 1', Authorization: 'Bearer secret 2' }
    const kept = sealHeaders(headers, vault)
    expect(kept).not.toContain('secret')
    expect(headerNames(kept)).toEqual(['X-Api-Key', 'Authorization'])
    expect(openHeaders(kept, vault)).toEqual(headers)
    expect(() => openHeaders(kept, createVault(randomBytes(32)))).toThrow()
  })

  it('are none where none are given', () => {
    expect(sealHeaders({}, vault)).toBeNull()
    expect([headerNames(null), openHeaders(null, vault)]).toEqual([[], {}])
  })
})

describe('the headers of a route', () => {
  const given = { notify_method: 'api' as const, contact_path: 'http://127.0.0.1:9/' }

  it('stay when it is changed otherwise, and are replaced as a whole', async () => {
    const { parties } = await openRoad()
    await parties.createPartner({ account_id: 'partner1', name: 'a partner' })
    const headers = { 'X-Api-Key': 'a', 'X-Tenant': 'b' }
    const { route } = await parties.createRoute('partner1', { ...given, headers })
    const change = async (to: Parameters<typeof parties.changeRoute>[2]) =>
      headerNames((await parties.changeRoute('partner1', route.id, to)).headers)
    expect(await change({ enabled: false })).toEqual(['X-Api-Key', 'X-Tenant'])
    expect(await change({ headers: { 'X-Other': 'c' } })).toEqual(['X-Other'])
    expect(await change({ headers: {} })).toEqual([])
  })

  it('are refused for e-mail, at its creation and later', async () => {
    const { parties } = await openRoad()
    await parties.createPartner({ account_id: 'partner1', name: 'a partner' })
    const mail = { notify_method: 'email' as const, contact_path: 'till@shop.example' }
    const refused = { refusal: { code: 'invalid', errors: [{ pointer: '/headers' }] } }
    const headers = { 'X-Api-Key': 'a' }
    await expect(parties.createRoute('partner1', { ...mail, headers })).rejects.toMatchObject(
      refused,
    )
    const { route } = await parties.createRoute('partner1', mail)
    await expect(parties.changeRoute('partner1', route.id, { headers })).rejects.toMatchObject(
      refused,
    )
  })
})
