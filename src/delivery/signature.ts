import { createHmac, createPrivateKey, createSecretKey, sign } from 'node:crypto'

/**
 * Signs a message as Standard Webhooks says (specification 1.0, "Signature scheme"): over id, time
 * in seconds and body, joined by dots. One signature a secret, in their order, so that a partner
 * may verify with any of them.
 */
export function signedHeaders(
  secrets: string[],
  message: { id: string; body: string; now: number },
): Record<string, string> {
  const { id, body, now } = message
  const timestamp = `${Math.floor(now / 1000)}`
  const signed = `${id}.${timestamp}.${body}`
  const signatures = signersOf(secrets).map((signature) => signature(signed))
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}

type Signer = (signed: string) => string

const signers = new WeakMap<string[], Signer[]>()

/** Made once for each list of secrets: to make a key costs several times what signing does. */
function signersOf(secrets: string[]): Signer[] {
  const known = signers.get(secrets) ?? secrets.map(signerWith)
  signers.set(secrets, known)
  return known
}

/** `v1` is HMAC-SHA256 with what follows `whsec_` in base64, `v1a` ed25519 with a `whsk_…`. */
function signerWith(secret: string): Signer {
  const [prefix = '', base64 = ''] = secret.split('_')
  const bytes = Buffer.from(base64, 'base64')
  if (prefix === 'whsk') {
    const key = privateKey(bytes)
    return (signed) => `v1a,${sign(null, Buffer.from(signed), key).toString('base64')}`
  }
  const key = createSecretKey(bytes)
  return (signed) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}

/** What RFC 8410 puts before the 32 bytes of an ed25519 key to make PKCS #8 of them. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The seed comes first, and the public key, which follows from it, behind it. */
function privateKey(bytes: Buffer) {
  const key = Buffer.concat([pkcs8, bytes.subarray(0, 32)])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}
