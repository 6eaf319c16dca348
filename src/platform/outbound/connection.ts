import type { LookupAddress } from 'node:dns'
import { connect, isIP, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { buildConnector } from 'undici'
import type { Guard } from './guard.ts'
import { type HttpProxy, tunnel } from './proxy.ts'

/** What a request waits for, in this order; said as "no … within 10 s". */
export type Step = 'name' | 'connection' | 'TLS' | 'answer'

/** The time was over before a step was done; the message is for people. */
export class TooLate extends Error {
  override name = 'TooLate'
}

export function tooLate(step: Step, timeoutMs: number): string {
  const what = step === 'name' ? 'the name was not resolved' : `no ${step}`
  return `${what} within ${timeoutMs / 1000} s`
}

/** What a client shows of itself in TLS, and whom it trusts. */
export type Identity = Pick<ConnectionOptions, 'cert' | 'key' | 'ca'>

type Options = {
  guard: Guard
  proxy: HttpProxy | null
  /** For a connection as a whole: name, TCP, proxy and TLS. */
  timeoutMs: number
  /** undici's connector, which is used for TLS alone and knows the sessions it may resume. */
  secure: buildConnector.connector
}

type Making = { origin: string; step: Step; limit: AbortController }

/**
 * Makes connections, each to an address that its name had when it was begun and that was found
 * good, and knows how far those have come that are being made. An address in a URL was judged with
 * it, and no name server is asked.
 */
export function createConnector({ guard, proxy, timeoutMs, secure }: Options) {
  const making = new Set<Making>()

  /** TLS begins over TCP or inside the tunnel alike, under the name that the URL has. */
  async function open(options: buildConnector.Options, one: Making): Promise<Socket> {
    const { protocol, hostname } = options
    const limit = one.limit.signal
    const isTls = protocol === 'https:'
    const port = Number(options.port || (isTls ? 443 : 80))
    const direct = proxy === null || guard.exempts(one.origin)
    const addresses = await before(limit, addressesOf(hostname))
    one.step = 'connection'
    const socket = direct
      ? await connected({ host: hostname, port, addresses }, limit)
      : await tunnel({ addresses, port }, proxy, limit)
    if (!isTls) return socket
    one.step = 'TLS'
    limit.addEventListener('abort', () => socket.destroy())
    return before(limit, secured(secure, { ...options, httpSocket: socket }))
  }

  function addressesOf(host: string): LookupAddress[] | Promise<LookupAddress[]> {
    const family = isIP(host)
    return family === 0 ? guard.addressesOf(host) : [{ address: host, family }]
  }

  return {
    /** The step of the connection to an origin that has been in the making for longest. */
    stepTo: (origin: string): Step | undefined => making.values().find(isTo(origin))?.step,

    connect(options: buildConnector.Options, callback: buildConnector.Callback): void {
      const limit = new AbortController()
      const one: Making = { origin: `${options.protocol}//${options.host}`, step: 'name', limit }
      const late = () => limit.abort(new TooLate(tooLate(one.step, timeoutMs)))
      const timer = setTimeout(late, timeoutMs)
      const end = () => {
        clearTimeout(timer)
        making.delete(one)
      }
      making.add(one)
      open(options, one).then(
        (socket) => {
          end()
          callback(null, socket)
        },
        (error) => {
          end()
          callback(error, null)
        },
      )
    },

    /** Lets go of those that are being made. */
    abandon(): void {
      for (const { limit } of making) limit.abort(new Error('nobody wants the connection any more'))
    },
  }
}

const isTo = (origin: string) => (one: Making) => one.origin === origin

type Target = { host: string; port: number; addresses: LookupAddress[] }

/** Of several addresses Node tries one after the other. */
function connected({ host, port, addresses }: Target, limit: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const socket = connect({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    lookup(_, { all }, callback) {
      const [{ address, family } = { address: '', family: 0 }] = addresses
      if (all) callback(null, addresses)
      else callback(null, address, family)
    },
  })
  limit.addEventListener('abort', () => socket.destroy(limit.reason))
  // It stays: what breaks between here and its first request is found by who uses the socket.
  socket.on('error', reject).once('connect', () => resolve(socket))
  return promise
}

function secured(
  secure: buildConnector.connector,
  options: buildConnector.Options,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  secure(options, (error, socket) => {
    if (error) return reject(error)
    // TLS tells of an alert and leaves the socket open, which then ends like any other.
    socket.once('error', (alert) => socket.destroy(alert))
    resolve(socket)
  })
  return promise
}

/** Rejects with the signal's reason where that is first. */
function before<T>(limit: AbortSignal, work: T | Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  limit.addEventListener('abort', () => reject(limit.reason))
  Promise.resolve(work).then(resolve, reject)
  return promise
}
