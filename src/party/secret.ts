import { generateKeyPairSync, randomBytes } from 'node:crypto'

/** The signatures of Standard Webhooks, by the name that stands before each in the header. */
export type Scheme = 'v1' | 'v1a'

export const schemes = ['v1', 'v1a'] as const satisfies readonly Scheme[]

/**
 * What a route signs with: a secret that the partner has too, or the private half of a pair, which
 * nobody but Giro ever has.
 */
export type Signing = { secret: string; publicKey: string | null }

/** Made anew; the caller shows what the partner needs of it. */
export function newSigning(scheme: Scheme): Signing {
  return scheme === 'v1' ? { secret: newSecret(), publicKey: null } : newKeyPair()
}

/** What a route signs with, null where its method signs not. */
export function schemeOf(route: {
  secret: string | null
  publicKey: string | null
}): Scheme | null {
  if (route.publicKey !== null) return 'v1a'
  return route.secret === null ? null : 'v1'
}

/** What is shown of it once: a private key never is. */
export function shownSecret({ secret, publicKey }: Signing): string | null {
  return publicKey === null ? secret : null
}

/** A signing secret as Standard Webhooks writes it: 32 random bytes. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

/** A pair as Standard Webhooks writes it: the private key's text has the public one behind it. */
function newKeyPair(): Signing {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]
  return {
    secret: `whsk_${Buffer.concat([seed, point]).toString('base64')}`,
    publicKey: `whpk_${point.toString('base64')}`,
  }
}
