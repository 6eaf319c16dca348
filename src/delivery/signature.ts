import { createHmac } from 'node:crypto'

/**
 * Signs a message as Standard Webhooks says (specification 1.0, "Signature scheme"): HMAC-SHA256
 * over id, time in seconds and body, joined by dots; the key is what follows `whsec_` in base64.
 */
export function signedHeaders(
  secret: string,
  message: { id: string; body: string; now: number },
): Record<string, string> {
  const { id, body, now } = message
  const timestamp = `${Math.floor(now / 1000)}`
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  }
}
