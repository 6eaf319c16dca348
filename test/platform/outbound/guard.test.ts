import { isIPv6 } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { networksOf } from '../../../src/platform/outbound/index.ts'
import { found, guardFor } from '../../support/guard.ts'
import { disguisedUrls, forbiddenAddresses, loopbackUrls, openAddresses } from './hostile.ts'

const nowhere = networksOf([])
const byName = 'https://partner.example/payments'

const literal = (address: string) => `http://${isIPv6(address) ? `[${address}]` : address}:8080/`

/** A guard with nothing allowed, for whose name server every name has these addresses. */
function strict(...addresses: string[]) {
  return guardFor({ allow: nowhere, resolve: async () => found(...addresses) })
}

describe('an address that no partner may have', () => {
  it.each(forbiddenAddresses)('%s is refused as it is written: %s', async (address, what) => {
    const url = literal(address)
    expect(strict('8.8.8.8').judge(url)).toMatch(new RegExp(`^leads to .*${what}`))
    expect(await strict('8.8.8.8').judgeResolved(url)).toContain('OUTBOUND_ALLOW')
  })

  it.each(forbiddenAddresses)('%s is refused under a name: %s', async (address, what) => {
    const guard = strict(address)
    expect(await guard.judgeResolved(byName)).toMatch(new RegExp(`^leads to .*${what}`))
    await expect(guard.addressesOf('partner.example')).rejects.toThrow(address)
  })

  it('is refused with a zone as well', async () => {
    for (const address of ['fe80::1%eth0', 'fe80::1%25', '::1%lo'])
      expect(await strict(address).judgeResolved(byName)).toContain('leads to')
  })

  it('is whatever is not an address at all', async () => {
    expect(await strict('2130706433').judgeResolved(byName)).toContain('no known kind')
  })
})

describe('an address that partners may have', () => {
  it.each(openAddresses)('is %s, written or under a name', async (address) => {
    const guard = strict(address)
    expect(guard.judge(literal(address))).toBeNull()
    expect(await guard.judgeResolved(literal(address))).toBeNull()
    expect(await guard.judgeResolved(byName)).toBeNull()
    expect(await guard.addressesOf('partner.example')).toEqual(found(address))
  })
})

describe('a URL', () => {
  it.each(disguisedUrls)('is refused for how it is written: %j', async (url) => {
    const everywhere = guardFor({ allow: networksOf(['0.0.0.0/0', '::/0']) })
    expect(everywhere.judge(url)).toEqual(expect.stringMatching(/^(must|is)/))
    expect(await everywhere.judgeResolved(url)).toEqual(everywhere.judge(url))
  })

  it.each(loopbackUrls)('is refused since it leads to loopback: %j', async (url) => {
    expect(await strict('8.8.8.8').judgeResolved(url)).toContain('loopback')
  })

  it.each(loopbackUrls)('is taken where loopback is allowed: %j', async (url) => {
    const guard = guardFor({ allow: networksOf(['127.0.0.0/8', '::1/128']) })
    expect(await guard.judgeResolved(url)).toBeNull()
  })

  it.each([
    'https://partner.example/~user@home',
    'HTTPS://Partner.Example:8443/a?b=c',
    'https://bücher.example/',
    'http://10.0.0.1.nip.example/',
    'http://127.0.0.1.partner.example/',
    'http://localhost.partner.example/',
  ])('is taken where its name is public: %j', async (url) => {
    expect(await strict('8.8.8.8').judgeResolved(url)).toBeNull()
  })
})

describe('a name', () => {
  it('with several addresses leads to the good ones only', async () => {
    const guard = strict('10.0.0.1', '8.8.8.8', '::1', '2606:4700::1')
    expect(await guard.judgeResolved(byName)).toBeNull()
    expect(await guard.addressesOf('partner.example')).toEqual(found('8.8.8.8', '2606:4700::1'))
  })

  it('with bad addresses only leads nowhere', async () => {
    expect(await strict('10.0.0.1', '::1').judgeResolved(byName)).toContain('10.0.0.1')
  })

  it('that is not known yet is taken when a route is saved, and fails when it is needed', async () => {
    const unknown = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
    for (const resolve of [() => Promise.reject(unknown), async () => []]) {
      const guard = guardFor({ resolve })
      expect(await guard.judgeResolved(byName)).toBeNull()
      await expect(guard.addressesOf('partner.example')).rejects.toThrow(/name/)
    }
  })

  it('for which no name server answers is taken after a few seconds', async () => {
    const guard = guardFor({ resolve: () => new Promise(() => {}) })
    expect(await guard.judgeResolved(byName)).toBeNull()
  })

  it('is asked for once when a route is saved, and never when it is written in numbers', async () => {
    let asked = 0
    const resolve = async () => {
      asked += 1
      return found('8.8.8.8')
    }
    const guard = guardFor({ resolve })
    await guard.judgeResolved(byName)
    expect(asked).toBe(1)
    await guard.judgeResolved('http://8.8.8.8/')
    await guard.judgeResolved('http://localhost/')
    expect(asked).toBe(1)
  })
})

describe('OUTBOUND_ALLOW', () => {
  it.each([
    ['10.1.0.0/16', '10.1.2.3', '10.2.0.1'],
    ['10.1.2.3/32', '10.1.2.3', '10.1.2.4'],
    ['10.1.0.0/16', '::ffff:10.1.2.3', '::ffff:10.2.0.1'],
    ['10.1.0.0/16', '64:ff9b::a01:203', '64:ff9b::a02:1'],
    ['fd12::/16', 'fd12::1', 'fd13::1'],
    ['::1/128', '::1', '127.0.0.1'],
    ['0.0.0.0/0', '10.0.0.1', 'fd00::1'],
    ['::/0', 'fd00::1', '10.0.0.1'],
    ['::ffff:0:0/96', '::ffff:10.0.0.1', '10.0.0.1'],
  ])('%s opens %s and not %s', (network, open, shut) => {
    const guard = guardFor({ allow: networksOf([network]) })
    expect(guard.judge(literal(open))).toBeNull()
    expect(guard.judge(literal(shut))).toContain('OUTBOUND_ALLOW')
  })
})

describe('what else is set', () => {
  it('closes ports that are not named, the default ones too', () => {
    const guard = guardFor({ ports: [443, 8443] })
    for (const url of ['https://partner.example/', 'http://partner.example:8443/'])
      expect(guard.judge(url)).toBeNull()
    for (const url of ['http://partner.example/', 'https://partner.example:1/'])
      expect(guard.judge(url)).toContain('OUTBOUND_PORTS')
  })

  it('wants https', () => {
    const guard = guardFor({ httpsOnly: true })
    expect(guard.judge('https://partner.example/')).toBeNull()
    expect(guard.judge('http://partner.example/')).toContain('OUTBOUND_HTTPS_ONLY')
  })

  it('does not hold for an origin that is exempt, and holds for its neighbours', () => {
    const exempts = (origin: string) => origin === 'http://127.0.0.1:5001'
    const guard = guardFor({ allow: nowhere, httpsOnly: true, ports: [443], exempts })
    expect(guard.judge('http://127.0.0.1:5001/payments')).toBeNull()
    for (const url of ['http://127.0.0.1:5002/', 'https://127.0.0.1:5001/', 'http://[::1]:5001/'])
      expect(guard.judge(url)).not.toBeNull()
  })
})
