import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { z } from 'zod'
import { toIso } from '../platform/clock.ts'
import { type FieldError, Refused } from '../platform/problem.ts'
import type { Vault } from '../platform/secret.ts'
import { safeText } from '../platform/text.ts'

/** Routes are read with each payment, so these are bounded. */
const pem = safeText(1, 16_384)

/** What Giro shows of itself where a partner asks for it in TLS, all in PEM. */
export const certificateInput = z
  .strictObject({
    certificate: pem.describe("the certificate, and behind it those up to the partner's authority"),
    key: pem.describe('its private key, which is kept encrypted and never shown'),
    ca: pem.optional().describe('the only authorities to trust on this route'),
  })
  .describe('what Giro shows of itself in TLS (mutual TLS)')

export type GivenCertificate = z.output<typeof certificateInput>

/** In clear, for TLS. */
export type ClientCertificate = { certificate: string; key: string; ca?: string }

type Kept = ClientCertificate & z.output<typeof certificateJson>

export const certificateJson = z.object({
  subject: z.string(),
  fingerprint: z.string().describe('SHA-256 of the certificate'),
  expiry_date: z.iso.datetime(),
})

/** Only certificates are kept in clear, whatever else is in the files. Refuses what TLS would. */
export function sealCertificate(given: GivenCertificate, vault: Vault, now: number): string {
  const chain = certificatesIn(given.certificate, 'certificate')
  const [own] = chain
  const key = keyIn(given.key)
  const ca = given.ca === undefined ? undefined : joined(certificatesIn(given.ca, 'ca'))
  if (!own.checkPrivateKey(key)) throw wrong('key', 'does not belong to the certificate')
  if (own.validToDate.getTime() <= now) throw wrong('certificate', 'has expired')
  const certificate = joined(chain)
  requireUsable({ certificate, key: given.key, ...(ca && { ca }) })
  const kept: Kept = {
    subject: own.subject.replaceAll('\n', ', '),
    fingerprint: own.fingerprint256,
    expiry_date: toIso(own.validToDate.getTime()),
    certificate,
    key: vault.seal(given.key),
    ...(ca && { ca }),
  }
  return JSON.stringify(kept)
}

/** Throws where the key is another. */
export function openCertificate(kept: string | null, vault: Vault): ClientCertificate | null {
  if (kept === null) return null
  const { certificate, key, ca } = JSON.parse(kept) as Kept
  return { certificate, key: vault.open(key), ...(ca && { ca }) }
}

export function resealedCertificate(kept: string | null, from: Vault, to: Vault): string | null {
  if (kept === null) return null
  const certificate = JSON.parse(kept) as Kept
  return JSON.stringify({ ...certificate, key: to.seal(from.open(certificate.key)) })
}

export function shownCertificate(kept: string | null): z.output<typeof certificateJson> | null {
  return kept === null ? null : certificateJson.parse(JSON.parse(kept))
}

type Chain = [X509Certificate, ...X509Certificate[]]

function certificatesIn(text: string, member: 'certificate' | 'ca'): Chain {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    const [first, ...others] = blocks.map((block) => new X509Certificate(block))
    if (first) return [first, ...others]
  } catch {
    // Refused below, like a text that has none.
  }
  throw wrong(member, 'is no certificate in PEM')
}

function keyIn(text: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch {
    throw wrong('key', 'is no private key in PEM, or needs a passphrase')
  }
}

/** OpenSSL has its own mind about keys that are too weak. */
function requireUsable({ certificate: cert, key, ca }: ClientCertificate): void {
  try {
    createSecureContext({ cert, key, ...(ca && { ca }) })
  } catch (error) {
    throw wrong('certificate', `cannot be used for TLS: ${(error as Error).message}`)
  }
}

function joined(chain: X509Certificate[]): string {
  return chain.map(String).join('')
}

function wrong(member: keyof ClientCertificate, detail: string): Refused {
  const error: FieldError = { pointer: `/client_certificate/${member}`, detail }
  return new Refused('invalid', 'The client certificate is not valid.', [error])
}
