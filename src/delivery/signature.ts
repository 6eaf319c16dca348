import { createHmac } from 'node:crypto'

/**
 * Signs a message as Standard Webhooks says (specification 1.0, "Signature scheme"): HMAC-SHA256
 * over id, time in seconds and body, joined by dots; the key is what follows `whsec_` in base64.
 * One signature a secret, in their order, so that a partner may verify with any of them.
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

function signature(secret: string, signed: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}
