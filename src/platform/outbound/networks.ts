import { BlockList, isIP } from 'node:net'

export type Networks = { has(address: string): boolean }

/**
 * Addresses by network, in CIDR notation (RFC 4632; RFC 4291, 2.3). A list for each family: in one
 * for both, Node would find every IPv4 address in `::/0`. Throws where something is no network.
 */
export function networksOf(cidrs: readonly string[]): Networks {
  const lists = { 4: new BlockList(), 6: new BlockList() }
  for (const cidr of cidrs) {
    const [, address = '', prefix = ''] = /^([^/%]+)\/(\d{1,3})$/.exec(cidr) ?? []
    const family = isIP(address)
    if (family !== 4 && family !== 6) throw new TypeError(`${cidr} is not a network`)
    lists[family].addSubnet(address, Number(prefix), `ipv${family}`)
  }
  return {
    has(address) {
      const family = isIP(address)
      return (family === 4 || family === 6) && lists[family].check(address, `ipv${family}`)
    },
  }
}
