import type { LookupFunction } from 'node:net'
import type { Agent } from 'undici'
import type { Guard } from './guard.ts'

type Options = { guard: Guard; timeoutMs: number }

/**
 * The client of requests that were judged. Each new connection asks for the addresses of its name
 * once and goes to one of those that were found good, so what a name server says afterwards changes
 * nothing; an address in a URL is what was judged, and no name server is asked.
 */
export async function openAgent({ guard, timeoutMs }: Options): Promise<Agent> {
  const { Agent } = await import('undici')
  const connect = { timeout: timeoutMs, lookup: lookupOf(guard) }
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
