import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { UserError } from '../problem.ts'

/** How e-mails are signed (RFC 6376): the public half of the key stands in the domain's DNS. */
export type Dkim = { domainName: string; keySelector: string; privateKey: string }

type Given = { dkimDomain: string | null; dkimSelector: string | null; keyFile: string | null }

/** RFC 8301 lets nobody sign with less, and receivers take it for no signature. */
const leastBits = 1024

/** Null where none of the settings is there: they go together. */
export function dkimOf({ dkimDomain, dkimSelector, keyFile }: Given): Dkim | null {
  if (dkimDomain === null && dkimSelector === null && keyFile === null) return null
  if (dkimDomain === null || dkimSelector === null || keyFile === null)
    throw new UserError('DKIM_DOMAIN, DKIM_SELECTOR and DKIM_KEY must be set together.')
  const privateKey = read(keyFile)
  const wanted = `a private RSA key of ${leastBits} bits or more as PEM, without a passphrase`
  if (!isRsa(privateKey)) throw new UserError(`DKIM_KEY ${keyFile} must hold ${wanted}.`)
  return { domainName: dkimDomain, keySelector: dkimSelector, privateKey }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UserError(`DKIM_KEY ${file} cannot be read (${code}).`)
  }
}

function isRsa(pem: string): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem)
    return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= leastBits
  } catch {
    return false
  }
}
