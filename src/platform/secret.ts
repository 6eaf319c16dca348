import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from './folder.ts'
import { UserError } from './problem.ts'

/** Encrypts what is kept (AES-256-GCM): `1.NONCE.CIPHERTEXT.TAG`, each part in base64url. */
export type Vault = {
  seal(plain: string): string
  open(sealed: string): string
  /** Of its key. */
  fingerprint: string
}

const version = '1'
const tagBytes = 16

export function createVault(bytes: Buffer): Vault {
  // To make a key of bytes costs several times what it costs to open a secret with it.
  const key = createSecretKey(bytes)
  return {
    fingerprint: fingerprint(bytes),
    seal(plain) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      const parts = [nonce, text, cipher.getAuthTag()].map((part) => part.toString('base64url'))
      return [version, ...parts].join('.')
    },
    open(sealed) {
      const [, nonce, text, tag] = sealed.split('.').map((part) => Buffer.from(part, 'base64url'))
      if (!nonce || !text || !tag || !sealed.startsWith(`${version}.`))
        throw new Error('a stored secret is not of the form that this version writes')
      // Without the length, a tag cut short would do, and four bytes of it can be guessed.
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
      decipher.setAuthTag(tag)
      return decipher.update(text, undefined, 'utf8') + decipher.final('utf8')
    },
  }
}

/** Whether two secrets are the same, in a time that tells nothing about where they differ. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** By this a key can be known again, and nothing else can be known of it. */
export function fingerprint(key: Buffer): string {
  return createHmac('sha256', key).update('giro secret key').digest('hex')
}

/** The key kept in the data folder; made on the first run. */
export function keptSecretKey(dataDir: string): Buffer {
  const file = join(dataDir, 'secret.key')
  const hex = keptOnce(file, () => `${randomBytes(32).toString('hex')}\n`).trim()
  if (!/^[0-9a-f]{64}$/i.test(hex))
    throw new UserError(`${file} does not hold 32 bytes as hex: put the right key back.`)
  return Buffer.from(hex, 'hex')
}

/** Whether a key was made and kept in this folder. */
export function hasSecretKey(dataDir: string): boolean {
  return existsSync(join(dataDir, 'secret.key'))
}

/**
 * Writes another key beside the one in the data folder, where it outlives a crash: `take` puts it
 * in that one's place, `drop` removes it.
 */
export function nextSecretKey(dataDir: string, key: Buffer): { take(): void; drop(): void } {
  const file = join(dataDir, 'secret.key')
  const next = `${file}.next.${randomBytes(6).toString('hex')}`
  const hex = `${key.toString('hex')}\n`
  writeFileSync(next, hex, { mode: 0o600, flag: 'wx', flush: true })
  syncFolder(dataDir)
  return {
    take() {
      renameSync(next, file)
      syncFolder(dataDir)
    },
    drop: () => rmSync(next, { force: true }),
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/**
 * What a file for its owner alone holds; made the first time. It is written beside its name and
 * then linked to it, so that two processes that start at once end up with one text, and a reader
 * never sees half of it.
 */
export function keptOnce(file: string, make: () => string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  makeFolder(dirname(file), 'DATA_DIR')
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, make(), { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
  return readFileSync(file, 'utf8')
}
