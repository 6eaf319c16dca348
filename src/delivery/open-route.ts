import { openAuth, openCertificate, openHeaders, type Route } from '../party/index.ts'
import type { Vault } from '../platform/secret.ts'
import type { Message } from './channels/channel.ts'

export const cannotOpen =
  'the secrets of the route cannot be decrypted: SECRET_KEY is not what it was'

/** What a route keeps sealed, in clear, for sending; null where the key is another. */
export function openRoute(
  { secret, headers, auth, clientCertificate }: Route,
  oldSecrets: string[],
  vault: Vault,
): Pick<Message, 'secrets' | 'headers' | 'auth' | 'clientCertificate'> | null {
  try {
    return {
      secrets: secret === null ? [] : [secret, ...oldSecrets].map(vault.open),
      headers: openHeaders(headers, vault),
      auth: openAuth(auth, vault),
      clientCertificate: openCertificate(clientCertificate, vault),
    }
  } catch {
    return null
  }
}
