import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import {
  openCertificate,
  resealedCertificate,
  sealCertificate,
  shownCertificate,
} from '../../src/party/client-certificate.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createVault } from '../../src/platform/secret.ts'
import { openRoad } from '../support/road.ts'
import { pem } from '../support/tls.ts'

const vault = createVault(randomBytes(32))
const now = systemClock.now()
const good = { certificate: pem('client'), key: pem('client-key') }

/** OpenSSL takes no keys as short as this one. */
const weakKey = generateKeyPairSync('rsa', { modulusLength: 512 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

const lockedKey = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'a' })
  .toString()

describe('a client certificate', () => {
  it('is kept with its key encrypted, and shown by its subject and its end', () => {
    const kept = sealCertificate({ ...good, ca: pem('authority') }, vault, now)
    expect(kept).not.toContain('PRIVATE')
    expect(openCertificate(kept, vault)).toEqual({ ...good, ca: pem('authority') })
    expect(shownCertificate(kept)).toEqual({
      subject: 'O=Giro, CN=giro.bank.example',
      fingerprint: expect.stringMatching(/^([\dA-F]{2}:){31}[\dA-F]{2}$/),
      expiry_date: '2125-10-28T20:40:05.000Z',
    })
  })

  it('goes under another key of the vault with nothing else changed', () => {
    const other = createVault(randomBytes(32))
    const kept = sealCertificate(good, vault, now)
    const resealed = resealedCertificate(kept, vault, other)
    expect(openCertificate(resealed, other)).toEqual(good)
    expect(() => openCertificate(resealed, vault)).toThrow()
    expect(shownCertificate(resealed)).toEqual(shownCertificate(kept))
  })

  it('is kept without whatever else is in its file, but with those behind it', () => {
    const certificate = `me\n${pem('client-key')}${pem('client')}${pem('another-authority')}`
    const kept = sealCertificate({ ...good, certificate }, vault, now)
    expect(openCertificate(kept, vault)?.certificate).toBe(
      `${pem('client')}${pem('another-authority')}`,
    )
    expect(kept).not.toContain('PRIVATE')
  })

  it.each([
    ['is none', { ...good, certificate: 'hello' }, 'certificate'],
    ['is a key', { ...good, certificate: good.key }, 'certificate'],
    ['is broken', { ...good, certificate: good.certificate.replace(/M/g, 'N') }, 'certificate'],
    ['has expired', { certificate: pem('expired'), key: pem('key') }, 'certificate'],
    ['has a key that is none', { ...good, key: 'hello' }, 'key'],
    ['has a certificate for its key', { ...good, key: good.certificate }, 'key'],
    ['has a key with a passphrase', { ...good, key: lockedKey }, 'key'],
    ["has somebody else's key", { ...good, key: pem('key') }, 'key'],
    ['has a weak key that is not its own', { ...good, key: weakKey }, 'key'],
    ['has authorities that are none', { ...good, ca: 'hello' }, 'ca'],
  ])('that %s is refused', (_, given, member) => {
    const pointer = `/client_certificate/${member}`
    expect(() => sealCertificate(given, vault, now)).toThrow(
      expect.objectContaining({
        refusal: expect.objectContaining({ errors: [expect.objectContaining({ pointer })] }),
      }),
    )
  })
})

describe('the client certificate of a route', () => {
  it('stays when it is changed otherwise, and is taken away by null', async () => {
    const { parties } = await openRoad()
    await parties.createPartner({ account_id: 'partner1', name: 'a partner' })
    const given = { notify_method: 'api' as const, contact_path: 'http://127.0.0.1:9/' }
    const { route } = await parties.createRoute('partner1', { ...given, client_certificate: good })
    const change = async (to: Parameters<typeof parties.changeRoute>[2]) =>
      shownCertificate((await parties.changeRoute('partner1', route.id, to)).clientCertificate)
    const kept = { subject: 'O=Giro, CN=giro.bank.example' }
    expect(await change({ auth: { type: 'bearer', token: 'hush' } })).toMatchObject(kept)
    expect(await change({ client_certificate: null })).toBeNull()
  })
})
