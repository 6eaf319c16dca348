import { networksOf } from './networks.ts'

/**
 * Networks that no partner on the Internet has, each with what its addresses are. From IANA's
 * registries of special-purpose addresses (RFC 6890) and the documents they name.
 */
const table: [kind: string, ...cidrs: string[]][] = [
  // RFC 791, 3.2; the first of them is "unspecified".
  ['an address of no host', '0.0.0.0/8'],
  // RFC 1918
  ['a private address', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  // RFC 6598; Alibaba Cloud has its metadata here.
  ["an address of a carrier's own network", '100.64.0.0/10'],
  // RFC 1122, 3.2.1.3
  ['a loopback address', '127.0.0.0/8'],
  // RFC 3927; most clouds have their metadata at 169.254.169.254.
  ['a link-local address', '169.254.0.0/16'],
  // Azure's own services, under an address that is public everywhere else.
  ['an address of cloud metadata', '168.63.129.16/32'],
  // RFC 6890; Oracle Cloud has its metadata here.
  ['an address reserved for protocols', '192.0.0.0/24'],
  // RFC 5737
  ['an address for documentation', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'],
  // RFC 7526: relays of 6to4, which are gone.
  ['a reserved address', '192.88.99.0/24'],
  // RFC 2544
  ['an address for benchmarks', '198.18.0.0/15'],
  // RFC 5771
  ['a multicast address', '224.0.0.0/4'],
  // RFC 919
  ['the broadcast address', '255.255.255.255/32'],
  // RFC 1112, 4
  ['a reserved address', '240.0.0.0/4'],

  // RFC 4291, 2.5.2 and 2.5.3
  ['an address of no host', '::/128'],
  ['a loopback address', '::1/128'],
  // RFC 4193; AWS has its metadata here.
  ['a private address', 'fc00::/7'],
  // RFC 4291, 2.5.6
  ['a link-local address', 'fe80::/10'],
  // RFC 3879
  ['a site-local address', 'fec0::/10'],
  // RFC 4291, 2.7
  ['a multicast address', 'ff00::/8'],
  // RFC 8215
  ['an address of a local translator', '64:ff9b:1::/48'],
  // RFC 2928
  ['an address reserved for protocols', '2001::/23'],
  // RFC 3849, RFC 9637
  ['an address for documentation', '2001:db8::/32', '3fff::/20'],
  // RFC 4291, 2.4: what is given out is all in 2000::/3.
  ['a reserved address', '::/3', '4000::/2', '8000::/1'],
]

const ranges = table.map(([kind, ...cidrs]) => ({ kind, networks: networksOf(cidrs) }))

/** What an address is that is not a public one; null for a public one. */
export function specialKind(address: string): string | null {
  return ranges.find(({ networks }) => networks.has(address))?.kind ?? null
}
