import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { createGuard, type Guard, networksOf } from '../../src/platform/outbound/index.ts'

type Rules = Parameters<typeof createGuard>[0]

/** A guard that lets partners on this machine be told, but for the rules that a test gives. */
export function guardFor(rules: Partial<Rules> = {}): Guard {
  return createGuard({
    allow: networksOf(['127.0.0.0/8']),
    ports: null,
    httpsOnly: false,
    exempts: () => false,
    ...rules,
  })
}

/** Addresses as a name server gives them. */
export function found(...addresses: string[]): LookupAddress[] {
  return addresses.map((address) => ({ address, family: isIP(address) }))
}
