import { BadValue, integer, oneOf } from './setting.ts'

/** What a URL of the form `s3://BUCKET/PREFIX?…` says. Credentials are never part of it. */
export type S3Place = {
  bucket: string
  /** Stands before every key, with a slash between; may be empty. */
  prefix: string
  /** A server of one's own; null means AWS. */
  endpoint: string | null
  region: string | null
  /** Nobody can remove or overwrite an object for so long. */
  lock: { days: number; mode: 'COMPLIANCE' | 'GOVERNANCE' } | null
  encryption: { algorithm: 'AES256' | 'aws:kms'; kmsKey: string | null } | null
}

const names = ['endpoint', 'region', 'lock_days', 'lock_mode', 'encryption', 'kms_key'] as const

type Name = (typeof names)[number]

const longestPrefix = 512
const mostDays = 36_500

export function s3PlaceOf(value: string): S3Place {
  if (!value.startsWith('s3://') || !URL.canParse(value)) throw unlike()
  const url = new URL(value)
  if (url.username !== '' || url.password !== '') throw withCredentials()
  if (url.hash !== '' || url.port !== '') throw unlike()
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname))
    throw new BadValue('must name a bucket: 3 to 63 small letters, digits, dots and hyphens')
  const given = parameters(url)
  return {
    bucket: url.hostname,
    prefix: prefixOf(url),
    endpoint: given('endpoint', endpoint),
    region: given('region', region),
    lock: lockOf(given('lock_days', integer(1, mostDays)), given('lock_mode', lockMode)),
    encryption: encryptionOf(given('encryption', algorithm), given('kms_key', String)),
  }
}

function unlike(): BadValue {
  return new BadValue('must be like s3://BUCKET/PREFIX?region=REGION')
}

function withCredentials(): BadValue {
  return new BadValue(
    'must not hold credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a profile',
  )
}

/** Reads one parameter after the other, once it is known that there are no others. */
function parameters({ searchParams }: URL) {
  const credential = [...searchParams.keys()].some((name) => /secret|token|access/i.test(name))
  if (credential) throw withCredentials()
  const odd = [...searchParams.keys()].find((name) => !names.some((known) => known === name))
  if (odd !== undefined)
    throw new BadValue(`must not have the parameter ${odd}, but may have ${names.join(', ')}`)
  return <T>(name: Name, parse: (text: string) => T): T | null => {
    const [text, another] = searchParams.getAll(name)
    if (text === undefined) return null
    if (another !== undefined || text === '') throw new BadValue(`must say ${name} once`)
    try {
      return parse(text)
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      throw new BadValue(`has a wrong ${name}: it ${error.message}`)
    }
  }
}

function prefixOf({ pathname }: URL): string {
  const path = pathname.replaceAll(/^\/+|\/+$/g, '')
  try {
    const prefix = decodeURIComponent(path)
    if (Buffer.byteLength(prefix) <= longestPrefix && !/\p{Cc}/u.test(prefix)) return prefix
  } catch {
    // A percent sign that is followed by nonsense.
  }
  throw new BadValue(`must have a prefix of at most ${longestPrefix} bytes in UTF-8`)
}

function endpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.username || url?.password) throw new BadValue('must not hold credentials')
  if (!url || !/^https?:$/.test(url.protocol) || `${url.origin}/` !== url.href)
    throw new BadValue('must be like https://s3.example:9000')
  return url.origin
}

function region(text: string): string {
  if (!/^[a-z0-9-]{1,64}$/.test(text)) throw new BadValue('must be like eu-central-1')
  return text
}

const lockMode = oneOf('compliance', 'governance')
const algorithm = oneOf('AES256', 'aws:kms')

function lockOf(days: number | null, mode: ReturnType<typeof lockMode> | null): S3Place['lock'] {
  if (days === null && mode !== null) throw new BadValue('must say lock_days beside lock_mode')
  if (days === null) return null
  return { days, mode: mode === 'governance' ? 'GOVERNANCE' : 'COMPLIANCE' }
}

function encryptionOf(
  chosen: ReturnType<typeof algorithm> | null,
  kmsKey: string | null,
): S3Place['encryption'] {
  if (kmsKey !== null && chosen !== 'aws:kms')
    throw new BadValue('must say encryption=aws:kms beside kms_key')
  return chosen === null ? null : { algorithm: chosen, kmsKey }
}
