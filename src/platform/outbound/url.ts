import { isIP, isIPv4 } from 'node:net'

/** Why a text cannot be the URL of a partner, wherever it leads; null where it can. */
export function urlError(text: string): string | null {
  if (!/^[^\s\p{Cc}]+$/u.test(text)) return 'must not contain blanks or line ends'
  if (!URL.canParse(text)) return 'is not a URL'
  if (!/^https?:\/\//i.test(text)) return 'must begin with http:// or https://'
  const { username, password, hostname, port } = new URL(text)
  if (username || password) return 'must not contain credentials'
  if (hostname.endsWith('.')) return 'must not have a dot at the end of its host'
  if (!isIP(hostOf(new URL(text))) && !isName(hostname)) return 'has a host that cannot exist'
  if (port === '0') return 'must not have the port 0'
  if (isIPv4(hostname) && writtenHost(text) !== hostname)
    return `must write its address as ${hostname}`
  return null
}

/** Whether name servers could know a name (RFC 1035, 2.3.4; the underscore is in use). */
function isName(host: string): boolean {
  const labels = host.split('.')
  return host.length <= 253 && labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label))
}

/**
 * The host as it was written. What the parser of URLs takes for an IPv4 address may be one number,
 * octal, hexadecimal, short, or in letters of other scripts: forms made to get past a look at it.
 */
function writtenHost(text: string): string {
  const [, host = ''] = /^https?:\/\/([^/?#\\]*?)(?::\d*)?(?:[/?#\\]|$)/i.exec(text) ?? []
  return host
}

/** The host of a URL as Node's sockets take it: an IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}
