import { randomBytes } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { UserError } from '../../src/platform/problem.ts'
import { createVault, keptSecretKey, sameSecret } from '../../src/platform/secret.ts'
import { temporaryFolder } from '../support/folder.ts'
import { run } from '../support/program.ts'

describe('the vault', () => {
  const vault = createVault(randomBytes(32))

  it('gives back what was put in, and shows nothing of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 8 }), (plain) => {
        const sealed = vault.seal(plain)
        expect(vault.open(sealed)).toBe(plain)
        expect(sealed).not.toContain(plain)
        expect(sealed).toMatch(/^1\.[\w-]{16}\.[\w-]*\.[\w-]{22}$/)
      }),
    )
  })

  it('seals the same secret differently each time', () => {
    expect(vault.seal('whsec_x')).not.toBe(vault.seal('whsec_x'))
  })

  it('opens nothing of which a single byte was changed', () => {
    const sealed = vault.seal('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
    const [version = '', ...parts] = sealed.split('.')
    for (const [at, part] of parts.entries()) {
      const bytes = Buffer.from(part, 'base64url')
      for (let i = 0; i < bytes.length; i += 1) {
        const changed = Buffer.from(bytes)
        changed[i] = (changed[i] ?? 0) ^ 1
        const forged = [version, ...parts.with(at, changed.toString('base64url'))].join('.')
        expect(() => vault.open(forged)).toThrow()
      }
    }
  })

  it('opens nothing that was cut short, the tag least of all', () => {
    const sealed = vault.seal('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
    const [version, nonce, text, tag = ''] = sealed.split('.')
    for (const length of [4, 8, 12, 15]) {
      const short = Buffer.from(tag, 'base64url').subarray(0, length).toString('base64url')
      expect(() => vault.open([version, nonce, text, short].join('.'))).toThrow()
    }
    for (const forged of ['', '1', '1..', '1...', sealed.slice(0, -8), sealed.replace('1.', '2.')])
      expect(() => vault.open(forged)).toThrow()
  })

  it('opens nothing that was sealed with another key', () => {
    const sealed = createVault(randomBytes(32)).seal('whsec_x')
    expect(() => vault.open(sealed)).toThrow()
  })
})

describe('comparing secrets', () => {
  it('finds the same ones the same and no others', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(sameSecret(a, a)).toBe(true)
        expect(sameSecret(a, b)).toBe(a === b)
        expect(sameSecret(a, `${a} `)).toBe(false)
      }),
    )
  })
})

describe('the key kept in the data folder', () => {
  it('is made once, of 32 bytes, readable by its owner alone', () => {
    const dataDir = join(temporaryFolder(), 'not', 'there', 'yet')
    const key = keptSecretKey(dataDir)
    expect(key).toHaveLength(32)
    expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600)
    expect(keptSecretKey(dataDir)).toEqual(key)
    expect(readdirSync(dataDir)).toEqual(['secret.key'])
  })

  it('is another in another folder', () => {
    expect(keptSecretKey(temporaryFolder())).not.toEqual(keptSecretKey(temporaryFolder()))
  })

  it('is one and the same for processes that start at once', async () => {
    const dataDir = temporaryFolder()
    const secret = new URL('../../src/platform/secret.ts', import.meta.url).href
    const script = `import { keptSecretKey } from '${secret}'
      console.log(keptSecretKey(process.argv[1]).toString('hex'))`
    const args = ['--input-type=module', '--eval', script, dataDir]
    const runs = await Promise.all([1, 2, 3, 4].map(() => run(process.execPath, args, {})))
    const kept = readFileSync(join(dataDir, 'secret.key'), 'utf8')
    expect(runs.map(({ stdout }) => stdout)).toEqual(Array(4).fill(kept))
    expect(readdirSync(dataDir)).toEqual(['secret.key'])
  })

  it('is never replaced when it cannot be understood', () => {
    const dataDir = temporaryFolder()
    const file = join(dataDir, 'secret.key')
    writeFileSync(file, 'half a key')
    chmodSync(file, 0o600)
    expect(() => keptSecretKey(dataDir)).toThrow(UserError)
    expect(() => keptSecretKey(dataDir)).toThrow('put the right key back')
    expect(readFileSync(file, 'utf8')).toBe('half a key')
  })
})
