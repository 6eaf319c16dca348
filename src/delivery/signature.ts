import { createHmac, createPrivateKey, sign } from 'node:crypto'

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
  const signatures = secrets.map((secret) => signature(secret, signed))
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}

/** `v1` is HMAC-SHA256 with what follows `whsec_` in base64, `v1a` ed25519 with a `whsk_…`. */
function signature(secret: string, signed: string): string {
  const [prefix = '', base64 = ''] = secret.split('_')
  const key = Buffer.from(base64, 'base64')
  return prefix === 'whsk'
    ? `v1a,${sign(null, Buffer.from(signed), privateKey(key)).toString('base64')}`
    : `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}

/** What RFC 8410 puts before the 32 bytes of an ed25519 key to make PKCS #8 of them. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The seed comes first, and the public key, which follows from it, behind it. */
function privateKey(bytes: Buffer) {
  const key = Buffer.concat([pkcs8, bytes.subarray(0, 32)])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}
