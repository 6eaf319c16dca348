import type { LookupAddress } from 'node:dns'
import { lookup, Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { sleep } from '../clock.ts'

/** All addresses of a name; rejects with an error that has a `code` where there is none. */
export type Resolve = (name: string) => Promise<LookupAddress[]>

type Options = {
  hostsFile?: string
  /** As `192.0.2.1:53`; by default those of the system. */
  nameServers?: string[]
  /** For one question to one name server, at the first of two tries. */
  timeoutMs?: number
  /** The system's own way. */
  system?: Resolve
}

/** No name server knows the name or takes it for one, or there is no name server. */
const unknown = ['ENOTFOUND', 'ENODATA', 'EBADNAME', 'ECONNREFUSED']

/** Once there are addresses of one family, those of the other may take this long (RFC 8305, 3). */
const otherFamilyMs = 50

/**
 * Looks names up so that none of them waits for another. The system's own way has two threads for
 * all names together, and each is held for as long as name servers are silent: so two partners
 * whose name servers are down would keep everybody else's names from being looked up. It is left
 * for names that name servers do not know: to them it is a quick question, but the system may
 * know others, as those of a container's network.
 */
export function createResolve({
  hostsFile = '/etc/hosts',
  nameServers,
  timeoutMs = 2000,
  system = (name) => lookup(name, { all: true }),
}: Options = {}): Resolve {
  async function ask(name: string): Promise<LookupAddress[]> {
    // A new one each time: the system's name servers may be others by now.
    const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
    if (nameServers) resolver.setServers(nameServers)
    const found: LookupAddress[] = []
    const asked = [resolver.resolve4(name), resolver.resolve6(name)].map(async (answer) => {
      found.push(...(await answer).map(withFamily))
    })
    try {
      await Promise.any(asked)
      await Promise.race([Promise.allSettled(asked), sleep(otherFamilyMs)])
      return found
    } catch (error) {
      const { errors } = error as AggregateError
      throw errors.find((one) => !isUnknown(one)) ?? errors[0]
    } finally {
      resolver.cancel()
    }
  }

  return async (name) => {
    const noted = await notedIn(hostsFile, name)
    if (noted.length > 0) return noted
    try {
      return await ask(name)
    } catch (error) {
      if (isUnknown(error as Error)) return system(name)
      throw error
    }
  }
}

/** What hosts(5) says of a name: a line has an address and its names, `#` begins a comment. */
async function notedIn(hostsFile: string, name: string): Promise<LookupAddress[]> {
  const text = await readFile(hostsFile, 'utf8').catch(() => '')
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
  return lines.flatMap(([address = '', ...names]) => {
    const isNoted = isIP(address) !== 0 && names.some((one) => one.toLowerCase() === name)
    return isNoted ? [withFamily(address)] : []
  })
}

const isUnknown = (error: NodeJS.ErrnoException) => unknown.includes(error.code ?? '')

const withFamily = (address: string): LookupAddress => ({ address, family: isIP(address) })
