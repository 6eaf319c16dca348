import { z } from 'zod'
import type { Vault } from '../platform/secret.ts'

const most = 20
const longestName = 128
/** Names and values together: many servers take no more, and routes are read with each payment. */
const mostCharacters = 4096

/** Set by Giro, or part of how HTTP carries a request: nobody else may say them. */
const reserved = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
])
const reservedBeginning = /^(content|proxy|webhook)-/

/** RFC 9110: the characters of a token. */
const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/

/** Printable ASCII that neither begins nor ends with a blank, so that it arrives as it is. */
const printable = /^[!-~]([ -~]*[!-~])?$/

/** Headers as an operator gives them: names and values, which may be secrets. */
export const headersInput = z
  .record(z.string(), z.string())
  .superRefine((headers, context) => {
    const wrong = (name: string, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message })
    const names = Object.keys(headers)
    if (names.length > most)
      context.addIssue({ code: 'custom', message: `has more than ${most} headers` })
    if (Object.entries(headers).flat().join('').length > mostCharacters)
      context.addIssue({ code: 'custom', message: `has more than ${mostCharacters} characters` })
    const seen = new Set<string>()
    for (const name of names) {
      const error = nameError(name, seen) ?? valueError(headers[name] ?? '')
      if (error !== null) wrong(name, error)
      seen.add(name.toLowerCase())
    }
  })
  .describe('further headers of each webhook; values are kept encrypted and never shown')

function nameError(name: string, seen: Set<string>): string | null {
  if (!token.test(name)) return 'is no name of a header'
  if (name.length > longestName) return `has a name of more than ${longestName} characters`
  const lower = name.toLowerCase()
  if (reserved.has(lower) || reservedBeginning.test(lower))
    return 'is a header that Giro or HTTP itself sets'
  return seen.has(lower) ? 'is there twice: letters are the same in both cases' : null
}

function valueError(value: string): string | null {
  return printable.test(value) ? null : 'must have a value of printable ASCII, without line breaks'
}

type Headers = Record<string, string>

/** Names stay readable, values do not. */
export function sealHeaders(headers: Headers, vault: Vault): string | null {
  const sealed = Object.entries(headers).map(([name, value]) => [name, vault.seal(value)])
  return sealed.length === 0 ? null : JSON.stringify(Object.fromEntries(sealed))
}

/** In clear, for sending; throws where the key is another. */
export function openHeaders(kept: string | null, vault: Vault): Headers {
  const sealed = Object.entries(keptHeaders(kept))
  return Object.fromEntries(sealed.map(([name, value]) => [name, vault.open(value)]))
}

export function headerNames(kept: string | null): string[] {
  return Object.keys(keptHeaders(kept))
}

function keptHeaders(kept: string | null): Headers {
  return kept === null ? {} : (JSON.parse(kept) as Headers)
}
