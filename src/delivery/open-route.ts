import { openAuth, openCertificate, openHeaders, type Route } from '../party/index.ts'
import type { Vault } from '../platform/secret.ts'
import type { Message } from './channels/channel.ts'

export const cannotOpen =
  'the secrets of the route cannot be decrypted: SECRET_KEY is not what it was'

/** In clear, for sending. */
type Opened = Pick<Message, 'secrets' | 'headers' | 'auth' | 'clientCertificate'>

/** As `openRoute`, once for all that was claimed together, which shares its route. */
export function routeOpener(vault: Vault) {
  const known = new WeakMap<Route, Opened | null>()
  return (route: Route, oldSecrets: string[]): Opened | null => {
    const opened = known.get(route)
    if (opened !== undefined) return opened
    const fresh = openRoute(route, oldSecrets, vault)
    known.set(route, fresh)
    return fresh
  }
}

/** What a route keeps sealed; null where the key is another. */
export function openRoute(
  { secret, headers, auth, clientCertificate }: Route,
  oldSecrets: string[],
  vault: Vault,
): Opened | null {
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
