import { type HttpProxy, hostOf, type Networks, networksOf } from '../outbound/index.ts'

/** One row of the table of settings, from which parsing, errors and `manage config` come. */
export type Setting<T> = {
  env: string
  /** What the program is given when the variable is not set; may depend on settings above it. */
  default: string | null | ((values: Readonly<Record<string, unknown>>) => string | null)
  parse: (text: string) => T
  help: string
  /** How the value is shown to people; for secrets this hides what must not be seen. */
  show: (text: string) => string
}

export type Values<S extends Record<string, Setting<unknown>>> = {
  [K in keyof S]: S[K] extends Setting<infer T> ? T : never
}

type Fallback = (values: Readonly<Record<string, unknown>>) => string

type Options<T> = Pick<Setting<T>, 'env' | 'parse' | 'help'> & Partial<Setting<T>>

export function setting<T>(options: Options<T> & { default: string | Fallback }): Setting<T>
export function setting<T>(options: Options<T>): Setting<T | null>
export function setting<T>(options: Options<T>): Setting<T | null> {
  return { default: null, show: (text) => text, ...options }
}

/** Says in the parser's words what a value must be; the loader adds the variable's name. */
export class BadValue extends Error {}

export function text(value: string): string {
  return value
}

export function integer(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < min || number > max)
      throw new BadValue(`must be a whole number from ${min} to ${max}`)
    return number
  }
}

/** Timers hold 31 bits of milliseconds, and one set for longer ends at once. */
const longestSeconds = 1_000_000

/** Seconds in the environment, milliseconds in the program. */
export function seconds(value: string): number {
  if (!isSeconds(value) || Number(value) > longestSeconds)
    throw new BadValue(`must be a number of seconds, at most ${longestSeconds}`)
  return toMs(value)
}

export function secondsList(value: string): number[] {
  const list = value.split(',').map((part) => part.trim())
  if (!list.every((part) => isSeconds(part) && Number(part) <= longestSeconds))
    throw new BadValue('must be numbers of seconds with commas between, such as 0,5,300')
  return list.map(toMs)
}

function isSeconds(value: string): boolean {
  return /^\d+(\.\d+)?$/.test(value)
}

function toMs(value: string): number {
  return Math.round(Number(value) * 1000)
}

export function oneOf<const T extends string>(...choices: T[]): (value: string) => T {
  return (value) => {
    const choice = choices.find((one) => one === value)
    if (choice === undefined) throw new BadValue(`must be one of ${choices.join(', ')}`)
    return choice
  }
}

export function trueOrFalse(value: string): boolean {
  return oneOf('true', 'false')(value) === 'true'
}

/** Networks with commas between. */
export function networks(value: string): Networks {
  try {
    return networksOf(value.split(',').map((part) => part.trim()))
  } catch {
    throw new BadValue('must be networks with commas between, such as 10.0.0.0/8,fd00::/8')
  }
}

export function portList(value: string): number[] {
  const list = value.split(',').map((part) => part.trim())
  if (!list.every((part) => /^\d{1,5}$/.test(part) && Number(part) >= 1 && Number(part) <= 65_535))
    throw new BadValue('must be ports with commas between, such as 443,8443')
  return list.map(Number)
}

/** A proxy for HTTP. What else a URL can say would not be heeded, so it is refused. */
export function proxyUrl(value: string): HttpProxy {
  const url = URL.canParse(value) ? new URL(value) : null
  if (!/^http:\/\/[^/?#@]+\/?$/i.test(value) || url === null)
    throw new BadValue('must be a URL such as http://host:port')
  return { host: hostOf(url), port: Number(url.port || 80) }
}

/** A URL that begins with one of the schemes given; it is handed on as text. */
export function urlOf(...schemes: string[]): (value: string) => string {
  return (value) => {
    if (!schemes.some((scheme) => value.startsWith(`${scheme}:`) && value !== `${scheme}:`))
      throw new BadValue(`must begin with ${schemes.map((one) => `${one}:`).join(' or ')}`)
    return value
  }
}

/** Alone, or behind a name, which is in quotes where it has a comma. */
const sender =
  /^(?:("[^"\\\p{Cc}]*"|[^<>@,;"\p{Cc}]*) <[^\s<>@,;"]+@[^\s<>@,;"]+>|[^\s<>@,;"]+@[^\s<>@,;"]+)$/u

export function mailSender(value: string): string {
  if (!sender.test(value)) throw new BadValue('must be an address such as Giro <giro@bank.example>')
  return value
}

/** An address alone. */
export function mailAddress(value: string): string {
  if (!/^[^\s<>@,;"\p{Cc}]{1,64}@[^\s<>@,;"\p{Cc}]{1,255}$/u.test(value))
    throw new BadValue('must be an address such as operator@bank.example')
  return value
}

/** Labels with dots between, as they stand in DNS. */
export function domainName(value: string): string {
  const labels = value.split('.')
  if (value.length > 253 || !labels.every((label) => /^[a-z\d_][a-z\d_-]{0,62}$/i.test(label)))
    throw new BadValue('must be like bank.example: letters, digits, hyphens and dots')
  return value
}

/** A URL of a server, with a host, and perhaps with a user and a password. */
export function serverUrlOf(...schemes: string[]): (value: string) => string {
  return (value) => {
    const scheme = schemes.find((one) => value.startsWith(`${one}://`))
    if (scheme === undefined || !URL.canParse(value) || new URL(value).host === '')
      throw new BadValue(`must be a URL such as ${schemes[0]}://user:password@host:port`)
    return value
  }
}

const databaseServers = ['postgres', 'postgresql', 'mysql', 'mariadb']

/** A file of SQLite's, or a server with the name of a database on it. */
export function databaseUrl(value: string): string {
  const server = databaseServers.some((scheme) => value.startsWith(`${scheme}:`))
  if (!server) return urlOf('sqlite', 'postgres', 'mysql')(value)
  const named = URL.canParse(value) && /^\/[^/]+$/.test(new URL(value).pathname)
  if (!named || new URL(value).hostname === '')
    throw new BadValue('must be a URL such as postgres://user:password@host:5432/giro')
  return value
}

/** What can stand behind "Bearer" in a header (RFC 6750). */
export function bearerToken(value: string): string {
  if (!/^[\x21-\x7e]+$/.test(value)) throw new BadValue('must be visible ASCII without blanks')
  return value
}

export function hex(bytes: number): (value: string) => Buffer {
  return (value) => {
    if (!new RegExp(`^[0-9a-fA-F]{${bytes * 2}}$`).test(value))
      throw new BadValue(`must be ${bytes} bytes as ${bytes * 2} hexadecimal digits`)
    return Buffer.from(value, 'hex')
  }
}

export const hidden = () => '********'

/** Shows a URL without its password, which may hold an @ of its own. */
export function withoutPassword(value: string): string {
  return value
    .replace(/^([a-z0-9+]+:\/\/[^:@/]*):.*@/is, '$1:********@')
    .replaceAll(/([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&]*/gi, '$1********')
}
