import { isIPv6 } from 'node:net'

/**
 * The IPv4 addresses to which an IPv6 address leads because it carries them: a packet to it ends
 * at one of them, or may. None where it carries none.
 */
export function carriedIpv4(address: string): string[] {
  if (!isIPv6(address)) return []
  const words = wordsOf(address)
  const [first = 0, second = 0, third = 0, fourth = 0, , , seventh = 0, eighth = 0] = words
  const begins = (...start: number[]) => start.every((word, i) => words[i] === word)
  // RFC 4291, 2.5.5.2: mapped; 2.5.5.1: compatible, which :: and ::1 look like. RFC 6052: NAT64.
  const isMapped = begins(0, 0, 0, 0, 0, 0xffff)
  const isCompatible = begins(0, 0, 0, 0, 0, 0) && (seventh > 0 || eighth > 1)
  const isNat64 = begins(0x64, 0xff9b, 0, 0, 0, 0)
  if (isMapped || isCompatible || isNat64) return [ipv4(seventh, eighth)]
  // RFC 3056: 6to4.
  if (first === 0x2002) return [ipv4(second, third)]
  // RFC 4380, 4: Teredo, with its server and, each bit turned over, its client.
  if (begins(0x2001, 0)) return [ipv4(third, fourth), ipv4(~seventh, ~eighth)]
  return []
}

function ipv4(high: number, low: number): string {
  return [high >> 8, high, low >> 8, low].map((byte) => byte & 0xff).join('.')
}

/** The eight words of an address. The parser of URLs writes any of its forms in the same way. */
function wordsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [left = [], right = []] = canonical
    .split('::')
    .map((half) => half.split(':').flatMap((word) => (word ? [Number.parseInt(word, 16)] : [])))
  const zeros = Array<number>(8 - left.length - right.length).fill(0)
  return [...left, ...zeros, ...right]
}
