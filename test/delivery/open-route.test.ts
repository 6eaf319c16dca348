import { randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { routeOpener } from '../../src/delivery/open-route.ts'
import type { Route } from '../../src/party/index.ts'
import { createVault, type Vault } from '../../src/platform/secret.ts'

const vault = createVault(randomBytes(32))

/** A route as it is stored, with this secret and nothing else to hide. */
const routeWith = (secret: string) =>
  ({
    secret: vault.seal(secret),
    headers: null,
    auth: null,
    clientCertificate: null,
  }) as unknown as Route

/** A vault that counts how often it is opened. */
function counting() {
  const count = { opened: 0 }
  const open: Vault['open'] = (sealed) => {
    count.opened += 1
    return vault.open(sealed)
  }
  return { open: routeOpener({ ...vault, open }), count }
}

describe('what a route keeps sealed', () => {
  it('is opened once for all that share the route, with the secrets before its own', () => {
    const { open, count } = counting()
    const [route, old] = [routeWith('whsec_new'), vault.seal('whsec_old')]
    for (let i = 0; i < 3; i += 1)
      expect(open(route, [old])?.secrets).toEqual(['whsec_new', 'whsec_old'])
    expect(count.opened).toBe(2)
  })

  it('is its own, and opened anew for what is claimed later', () => {
    const { open } = counting()
    const [one, other] = [routeWith('whsec_one'), routeWith('whsec_other')]
    expect([open(one, []), open(other, [])]).toMatchObject([
      { secrets: ['whsec_one'] },
      { secrets: ['whsec_other'] },
    ])
    expect(open({ ...one, secret: vault.seal('whsec_next') }, [])?.secrets).toEqual(['whsec_next'])
  })

  it('stays shut to another key', () => {
    const open = routeOpener(createVault(randomBytes(32)))
    const route = routeWith('whsec_one')
    expect([open(route, []), open(route, [])]).toEqual([null, null])
  })
})
