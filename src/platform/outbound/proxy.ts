import type { LookupAddress } from 'node:dns'
import { request } from 'node:http'
import type { Socket } from 'node:net'

/** Where a proxy for HTTP listens. It is the operator's own, so its address is not judged. */
export type HttpProxy = { host: string; port: number }

/** The proxy could not be reached, or did not connect us; the message is for people. */
export class ProxyFailure extends Error {
  override name = 'ProxyFailure'
}

/** Addresses that were judged, of one host. */
type Target = { addresses: LookupAddress[]; port: number }

/**
 * A connection to a host through a proxy (RFC 9110, 9.3.6). The proxy is told an address that was
 * judged, never the name, for which its name server might say something else. Of several addresses
 * the first is taken that the proxy can reach.
 */
export async function tunnel(
  { addresses, port }: Target,
  proxy: HttpProxy,
  limit: AbortSignal,
): Promise<Socket> {
  let failure: unknown
  for (const { address, family } of addresses) {
    const authority = family === 6 ? `[${address}]:${port}` : `${address}:${port}`
    try {
      return await connectTo(authority, proxy, limit)
    } catch (error) {
      limit.throwIfAborted()
      failure = error
    }
  }
  throw failure
}

function connectTo(path: string, { host, port }: HttpProxy, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  request({ host, port, method: 'CONNECT', path, headers: { host: path }, agent: false, signal })
    .once('connect', ({ statusCode = 0 }, socket: Socket) => {
      socket.on('error', () => {})
      if (statusCode >= 200 && statusCode < 300) return resolve(socket.setNoDelay(true))
      socket.destroy()
      reject(new ProxyFailure(`the proxy answered ${statusCode}`))
    })
    .on('error', (cause) => reject(new ProxyFailure('the proxy failed', { cause })))
    .end()
  return promise
}
