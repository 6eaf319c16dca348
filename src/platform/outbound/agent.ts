import type { LookupFunction } from 'node:net'
import type { Agent, buildConnector } from 'undici'
import type { Guard } from './guard.ts'
import { type HttpProxy, tunnel } from './proxy.ts'

type Options = { guard: Guard; proxy: HttpProxy | null; timeoutMs: number }

/**
 * The client of requests that were judged. Each new connection asks for the addresses of its name
 * once and goes to one of those that were found good, so what a name server says afterwards changes
 * nothing; an address in a URL is what was judged, and no name server is asked.
 */
export async function openAgent({ guard, proxy, timeoutMs }: Options): Promise<Agent> {
  const { Agent, buildConnector } = await import('undici')
  const direct = buildConnector({ timeout: timeoutMs, lookup: lookupOf(guard) })
  const connect = proxy ? throughProxy({ guard, proxy, timeoutMs }, direct) : direct
  return new Agent({ connect, headersTimeout: timeoutMs, bodyTimeout: timeoutMs })
}

/** Hands out all good addresses; Node tries one after the other, as it does without a guard. */
function lookupOf(guard: Guard): LookupFunction {
  return (name, { all }, callback) => {
    guard.addressesOf(name).then(
      (found) => {
        const [{ address, family }] = found
        if (all) callback(null, found)
        else callback(null, address, family)
      },
      (error) => callback(error, ''),
    )
  }
}

/** TLS begins inside the tunnel, under the name that the URL has. */
function throughProxy(
  { guard, proxy, timeoutMs }: Options & { proxy: HttpProxy },
  direct: buildConnector.connector,
): buildConnector.connector {
  return (options, callback) => {
    const { protocol, host, hostname, port } = options
    if (guard.exempts(`${protocol}//${host}`)) return direct(options, callback)
    const isTls = protocol === 'https:'
    const target = { hostname, port: port || (isTls ? '443' : '80') }
    tunnel(target, { guard, proxy, timeoutMs }).then(
      (socket) =>
        isTls ? direct({ ...options, httpSocket: socket }, callback) : callback(null, socket),
      (error) => callback(error, null),
    )
  }
}
