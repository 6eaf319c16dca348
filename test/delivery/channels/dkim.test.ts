import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { emailChannel } from '../../../src/delivery/index.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { dkimOf } from '../../../src/platform/config/index.ts'
import { mailServer } from '../../../src/platform/config/mail-server.ts'
import { UserError } from '../../../src/platform/problem.ts'
import { atEnd } from '../../support/at-end.ts'
import { verifyDkim } from '../../support/dkim.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { openMailServer } from '../../support/mail.ts'
import { message } from '../../support/message.ts'

const pem = { type: 'pkcs8', format: 'pem' } as const
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const keyFile = fileOf(`${privateKey.export(pem)}`)

function fileOf(text: string): string {
  const file = join(temporaryFolder(), 'dkim.pem')
  writeFileSync(file, text)
  return file
}

const settings = { dkimDomain: 'bank.example', dkimSelector: 'giro', keyFile }

async function signedMail(change = {}) {
  const server = await openMailServer()
  const channel = emailChannel({
    clock: systemClock,
    server: mailServer(server.url),
    from: 'Giro <giro@bank.example>',
    connections: 1,
    dkim: dkimOf(settings),
    longestMs: 10_000,
  })
  atEnd(() => channel.close())
  expect(await channel.send(message('books@partner.example', change))).toMatchObject({
    delivered: true,
  })
  return server.mails[0]?.raw ?? ''
}

describe('an e-mail with DKIM', () => {
  it('has a signature that the public key proves, over what a reader sees', async () => {
    const { tags, named, ...proven } = verifyDkim(await signedMail(), publicKey)
    expect(proven).toEqual({ body: true, header: true })
    expect(tags).toMatchObject({ d: 'bank.example', s: 'giro', a: 'rsa-sha256' })
    for (const name of ['from', 'to', 'subject', 'date', 'message-id'])
      expect(named).toContain(name)
  })

  it('is proven with letters of any script in it', async () => {
    const raw = await signedMail({ reference_number: 'Zoë  Müller 北京 \t.' })
    expect(verifyDkim(raw, publicKey)).toMatchObject({ body: true, header: true })
  })

  it('is proven no more when somebody changed it, or under another key', async () => {
    const raw = await signedMail()
    expect(verifyDkim(raw.replace('55.00', '56.00'), publicKey).header).toBe(false)
    expect(verifyDkim(raw.replaceAll('55.00', '56.00'), publicKey).body).toBe(false)
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
    expect(verifyDkim(raw, other)).toMatchObject({ body: true, header: false })
  })
})

describe('the settings of DKIM', () => {
  it('may be left out together', () => {
    expect(dkimOf({ dkimDomain: null, dkimSelector: null, keyFile: null })).toBeNull()
  })

  it.each(Object.keys(settings))('are wrong together without the one for %s', (name) => {
    expect(() => dkimOf({ ...settings, [name]: null })).toThrow(/must be set together/)
  })

  it('want a file that can be read', () => {
    const missing = { ...settings, keyFile: '/nowhere/dkim.pem' }
    expect(() => dkimOf(missing)).toThrow(
      new UserError('DKIM_KEY /nowhere/dkim.pem cannot be read (ENOENT).'),
    )
  })

  it('want a private RSA key of 1024 bits, which they never show', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey
    const ed25519 = generateKeyPairSync('ed25519').privateKey
    const locked = { ...pem, cipher: 'aes-256-cbc', passphrase: 'hush' }
    const wrong = [
      'hush',
      `${publicKey.export({ type: 'spki', format: 'pem' })}`,
      `${weak.export(pem)}`,
      `${ed25519.export(pem)}`,
      `${privateKey.export(locked)}`,
    ]
    for (const text of wrong)
      expect(() => dkimOf({ ...settings, keyFile: fileOf(text) })).toThrow(
        /^DKIM_KEY \S+ must hold a private RSA key of 1024 bits or more as PEM/,
      )
  })
})
