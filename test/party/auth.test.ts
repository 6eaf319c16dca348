import { randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { type Auth, authInput, openAuth, sealAuth, shownAuth } from '../../src/party/auth.ts'
import { createVault } from '../../src/platform/secret.ts'
import { openRoad } from '../support/road.ts'

const vault = createVault(randomBytes(32))

const oauth2 = {
  type: 'oauth2',
  token_url: 'https://login.example/token',
  client_id: 'giro',
  client_secret: 'hush',
} as const

/** Pointers of what is wrong. */
function wrongIn(auth: object): string[] {
  const { error } = authInput.safeParse(auth)
  return error?.issues.map(({ path }) => `/${path.join('/')}`) ?? []
}

describe('how Giro proves who it is', () => {
  it.each([
    { type: 'basic', username: 'giro', password: 'a b:c' },
    { type: 'basic', username: 'jürgen', password: 'ü' },
    { type: 'bearer', token: 'abc.DEF-123_~+/==' },
    oauth2,
    { ...oauth2, client_secret: '!~%&=+', scope: 'payments.write other' },
  ])('may be %j', (auth) => {
    expect(wrongIn(auth)).toEqual([])
  })

  it.each([
    [{ type: 'basic', username: 'a:b', password: 'c' }, ['/username']],
    [{ type: 'basic', username: 'a\n', password: 'c\0' }, ['/username', '/password', '/password']],
    [{ type: 'basic', username: 'a' }, ['/password']],
    [{ type: 'bearer', token: 'a b' }, ['/token']],
    [{ type: 'bearer', token: 'a\r\nX-More: b' }, ['/token']],
    [{ type: 'bearer', token: '' }, ['/token', '/token']],
    [{ ...oauth2, token_url: 'ftp://login.example/' }, ['/token_url']],
    [{ ...oauth2, token_url: 'https://a:b@login.example/' }, ['/token_url']],
    [{ ...oauth2, client_secret: 'a b' }, ['/client_secret']],
    [{ ...oauth2, client_id: 'ü' }, ['/client_id']],
    [{ ...oauth2, scope: 'a  b' }, ['/scope']],
    [{ ...oauth2, token: 'a' }, ['/']],
    [{ type: 'digest', username: 'a', password: 'b' }, ['/type']],
    [{}, ['/type']],
  ])('may not be %j', (auth, pointers) => {
    expect(wrongIn(auth)).toEqual(pointers)
  })

  it.each<[Auth, object]>([
    [
      { type: 'basic', username: 'giro', password: 'hush' },
      { type: 'basic', username: 'giro' },
    ],
    [{ type: 'bearer', token: 'hush' }, { type: 'bearer' }],
    [
      { ...oauth2, scope: 'a' },
      { type: 'oauth2', token_url: oauth2.token_url, client_id: 'giro', scope: 'a' },
    ],
  ])('is kept and shown without its secret: %j', (auth, shown) => {
    const kept = sealAuth(auth, vault)
    expect(kept).not.toContain('hush')
    expect(openAuth(kept, vault)).toEqual(auth)
    expect(shownAuth(kept)).toEqual(shown)
    expect(() => openAuth(kept, createVault(randomBytes(32)))).toThrow()
  })
})

describe('the auth of a route', () => {
  const given = { notify_method: 'api' as const, contact_path: 'http://127.0.0.1:9/' }
  const bearer = { type: 'bearer' as const, token: 'hush' }

  async function registered() {
    const { parties } = await openRoad()
    await parties.createPartner({ account_id: 'partner1', name: 'a partner' })
    return parties
  }

  const refusedAt = (pointer: string) => ({ refusal: { code: 'invalid', errors: [{ pointer }] } })

  it('stays when it is changed otherwise, is replaced as a whole, and is taken away', async () => {
    const parties = await registered()
    const { route } = await parties.createRoute('partner1', { ...given, auth: bearer })
    const change = async (to: Parameters<typeof parties.changeRoute>[2]) =>
      shownAuth((await parties.changeRoute('partner1', route.id, to)).auth)
    expect(await change({ enabled: false })).toEqual({ type: 'bearer' })
    const basic = { type: 'basic' as const, username: 'giro', password: 'hush' }
    expect(await change({ auth: basic })).toEqual({ type: 'basic', username: 'giro' })
    expect(await change({ auth: null })).toBeNull()
  })

  it('is refused beside a header that says the same, whichever comes first', async () => {
    const parties = await registered()
    const headers = { 'X-Key': 'a', AUTHORIZATION: 'Bearer b' }
    await expect(
      parties.createRoute('partner1', { ...given, headers, auth: bearer }),
    ).rejects.toMatchObject(refusedAt('/headers/AUTHORIZATION'))
    const { route: first } = await parties.createRoute('partner1', { ...given, headers })
    await expect(parties.changeRoute('partner1', first.id, { auth: bearer })).rejects.toMatchObject(
      refusedAt('/auth'),
    )
    await parties.changeRoute('partner1', first.id, { auth: bearer, headers: { 'X-Key': 'a' } })
    await expect(parties.changeRoute('partner1', first.id, { headers })).rejects.toMatchObject(
      refusedAt('/headers/AUTHORIZATION'),
    )
    await parties.changeRoute('partner1', first.id, { headers, auth: null })
  })

  it('is refused for e-mail, at its creation and later', async () => {
    const parties = await registered()
    const mail = { notify_method: 'email' as const, contact_path: 'till@shop.example' }
    await expect(parties.createRoute('partner1', { ...mail, auth: bearer })).rejects.toMatchObject(
      refusedAt('/auth'),
    )
    const { route } = await parties.createRoute('partner1', mail)
    await expect(parties.changeRoute('partner1', route.id, { auth: bearer })).rejects.toMatchObject(
      refusedAt('/auth'),
    )
  })

  it.each(['http://10.0.0.1/token', 'http://169.254.169.254/latest', 'http://2130706433/'])(
    'is refused where its tokens would be fetched from %s',
    async (token_url) => {
      const parties = await registered()
      const refused = refusedAt('/auth/token_url')
      const auth = { ...oauth2, token_url }
      await expect(parties.createRoute('partner1', { ...given, auth })).rejects.toMatchObject(
        refused,
      )
      const { route } = await parties.createRoute('partner1', given)
      await expect(parties.changeRoute('partner1', route.id, { auth })).rejects.toMatchObject(
        refused,
      )
    },
  )
})
