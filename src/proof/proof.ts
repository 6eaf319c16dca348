import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { toIso } from '../platform/clock.ts'
import type { Row } from '../platform/database/index.ts'
import type { proofs } from './schema.ts'

/**
 * What came of a notice. `accepted`: at least one payment or nothing to pay; `duplicate`: a repeat
 * of what is known; `refused`: read, and not taken; `unreadable`: not even read.
 */
export type Outcome = 'accepted' | 'duplicate' | 'refused' | 'unreadable'

export const outcomes = [
  'accepted',
  'duplicate',
  'refused',
  'unreadable',
] as const satisfies readonly Outcome[]

/** All but the bytes themselves. `headers` is a JSON object in which credentials are masked. */
export type Proof = Row<typeof proofs>

/** What a bank sent, as it came, before anybody judged it. */
export type Original = Omit<Proof, 'outcome'> & { body: Buffer }

type Heard = {
  id: string
  bank: string
  method: string
  path: string
  headers: IncomingHttpHeaders
  secretHeaders: ReadonlySet<string>
  body: Buffer
  remoteAddress: string
  receivedDate: number
}

export function original(heard: Heard): Original {
  const { id, bank, method, body, remoteAddress, receivedDate } = heard
  return {
    id,
    bank,
    proofKey: proofKey(bank, receivedDate, id),
    method,
    path: heard.path.slice(0, 2048),
    headers: JSON.stringify(masked(heard.headers, heard.secretHeaders)),
    sha256: sha256(body),
    size: body.length,
    remoteAddress,
    receivedDate,
    body,
  }
}

export function sha256(body: Uint8Array): string {
  return hash('sha256', body, 'hex')
}

/** Where the archive keeps the body: known before it is there. */
function proofKey(bank: string, receivedDate: number, id: string): string {
  const day = toIso(receivedDate).slice(0, 10).replaceAll('-', '/')
  return `${bank}/${day}/${id}.bin`
}

/** Headers that carry credentials whatever the bank. */
const alwaysSecret = new Set(['authorization', 'cookie', 'proxy-authorization'])

function masked(headers: IncomingHttpHeaders, secret: ReadonlySet<string>): IncomingHttpHeaders {
  const result: IncomingHttpHeaders = {}
  for (const name in headers)
    result[name] = alwaysSecret.has(name) || secret.has(name) ? '********' : headers[name]
  return result
}
