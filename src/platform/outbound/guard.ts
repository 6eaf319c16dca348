import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { sleep } from '../clock.ts'
import { carriedIpv4 } from './carried.ts'
import type { Networks } from './networks.ts'
import { specialKind } from './ranges.ts'
import { createResolve, type Resolve } from './resolve.ts'
import { hostOf, urlError } from './url.ts'

/** Where requests to partners may go. Reasons are said of a URL: "leads to …", "must …". */
export type Guard = {
  /** What stands against a URL for as long as nobody is asked where its name leads. */
  judge(url: string): string | null
  /** The same, and what stands against it where its name leads today, if that can be known. */
  judgeResolved(url: string): Promise<string | null>
  /** The addresses of a host that may be connected to; `Forbidden` where it has others only. */
  addressesOf(host: string): Promise<Addresses>
  /** Whether no rule holds for an origin. */
  exempts(origin: string): boolean
}

type Addresses = [LookupAddress, ...LookupAddress[]]

/** A host leads only where nobody may be sent; the message is a reason. */
export class Forbidden extends Error {
  override name = 'Forbidden'
}

type Rules = {
  /** Networks that are open though their addresses are not public. */
  allow: Networks
  /** The ports that are open; null for all. */
  ports: number[] | null
  httpsOnly: boolean
  exempts: (origin: string) => boolean
  resolve?: Resolve
}

/** Whoever saves a route does not wait longer for a name server; the name is judged later then. */
const resolveLimitMs = 2000

/** To judge takes up to a tenth of a millisecond, as long as all the rest of a webhook. */
const mostRemembered = 1000

export function createGuard(rules: Rules): Guard {
  const { allow, ports, httpsOnly, exempts, resolve = createResolve() } = rules

  const good = new Set<string>()

  function judge(text: string): string | null {
    if (good.has(text)) return null
    const wrong = urlError(text)
    if (wrong) return wrong
    const url = new URL(text)
    if (exempts(url.origin)) return null
    const unfit = judgeUrl(url)
    if (unfit) return unfit
    if (good.size === mostRemembered) good.clear()
    good.add(text)
    return null
  }

  function judgeUrl(url: URL): string | null {
    if (httpsOnly && url.protocol !== 'https:')
      return 'must begin with https://, as OUTBOUND_HTTPS_ONLY has it'
    const port = portOf(url)
    if (ports && !ports.includes(port)) return `leads to port ${port}, not one of OUTBOUND_PORTS`
    const host = hostOf(url)
    const kind = isIP(host) ? forbiddenKind(host, allow) : null
    return kind && outOfBounds(host, kind)
  }

  async function addressesOf(host: string): Promise<Addresses> {
    const all = await allAddresses(host)
    const open = all.filter(({ address }) => forbiddenKind(address, allow) === null)
    if (isSome(open)) return open
    if (!isSome(all)) throw new Error('the name of the host has no address')
    const [{ address }] = all
    throw new Forbidden(outOfBounds(address, forbiddenKind(address, allow)))
  }

  function allAddresses(host: string): LookupAddress[] | Promise<LookupAddress[]> {
    const family = isIP(host)
    if (family !== 0) return [{ address: host, family }]
    return isLocalhost(host) ? loopback : resolve(host)
  }

  async function judgeResolved(text: string): Promise<string | null> {
    const wrong = judge(text)
    const host = wrong === null ? hostOf(new URL(text)) : ''
    if (wrong !== null || isIP(host)) return wrong
    const inTime = new AbortController()
    try {
      await Promise.race([addressesOf(host), sleep(resolveLimitMs, inTime.signal)])
      return null
    } catch (error) {
      return error instanceof Forbidden ? error.message : null
    } finally {
      inTime.abort()
    }
  }

  return { judge, judgeResolved, addressesOf, exempts }
}

function outOfBounds(address: string, kind: string | null): string {
  return `leads to ${address}, ${kind} that is not in OUTBOUND_ALLOW`
}

function isSome(addresses: LookupAddress[]): addresses is Addresses {
  return addresses.length > 0
}

/** What an address is that nobody may be sent to; null where one may. */
function forbiddenKind(address: string, allow: Networks): string | null {
  // A zone only says on which link a link-local address is meant (RFC 4007, 11).
  const [plain = ''] = address.split('%')
  if (isIP(plain) === 0) return 'an address of no known kind'
  if (allow.has(plain)) return null
  const carried = carriedIpv4(plain)
  if (carried.length === 0) return specialKind(plain)
  return carried.map((one) => forbiddenKind(one, allow)).find((kind) => kind !== null) ?? null
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

/** These are this machine whatever a name server says (RFC 6761, 6.3). */
function isLocalhost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

const loopback: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]
