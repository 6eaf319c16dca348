import { z } from 'zod'
import { Refused } from './problem.ts'

/**
 * Text that every database keeps as it is: no NUL (PostgreSQL refuses it), no half of a surrogate
 * pair (UTF-8 has none). Length in characters, not in UTF-16 units.
 */
export function safeText(min: number, max: number) {
  return z
    .string()
    .refine((text) => !text.includes('\0'), 'contains a NUL character')
    .refine((text) => text.isWellFormed(), 'contains half of a surrogate pair')
    .refine((text) => within([...text].length, min, max), `must have ${min} to ${max} characters`)
    .meta({ minLength: min, maxLength: max })
}

function within(length: number, min: number, max: number): boolean {
  return length >= min && length <= max
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as JSON, or undefined where they are not JSON in UTF-8. */
export function parseJson(body: Uint8Array): { value: unknown; text: string } | undefined {
  try {
    const text = utf8.decode(body)
    return { value: JSON.parse(text), text }
  } catch {
    return undefined
  }
}

/** A number as it was written. JSON's own reading would round it to a float. */
export class JsonNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * The number that a member of the outermost object is, as it was written; of two members of the
 * name, the last, as JSON has it. The text must be valid JSON with a number there. One pass over
 * the characters: a reviver for all values takes a notice of a mebibyte a hundred times as long.
 */
export function memberNumber(text: string, member: string): JsonNumber {
  let depth = 0
  let isMember = false
  let found = ''
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i]
    if (character === '"') {
      const end = endOfString(text, i)
      if (depth === 1 && nextVisible(text, end) === ':')
        isMember = JSON.parse(text.slice(i, end)) === member
      i = end - 1
    } else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') depth -= 1
    else if (depth === 1 && isMember && /[-\d]/.test(character ?? '')) {
      found = /[-+.\deE]+/.exec(text.slice(i, i + longestNumber))?.[0] ?? ''
      isMember = false
    }
  }
  return new JsonNumber(found)
}

/** Longer numbers are cut here; nobody takes them anyway. */
const longestNumber = 100

function endOfString(text: string, start: number): number {
  let i = start + 1
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i + 1
}

function nextVisible(text: string, from: number): string | undefined {
  let i = from
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i += 1
  return text[i]
}

/** Takes a value as the schema has it, or refuses it with every member that is wrong. */
export function check<T extends z.ZodType>(schema: T, value: unknown, detail: string): z.output<T> {
  const result = schema.safeParse(value)
  if (!result.success) throw new Refused('invalid', detail, fieldErrors(result.error))
  return result.data
}

/** The members that a zod schema refused, as JSON pointers (RFC 6901). */
export function fieldErrors(error: z.ZodError): { pointer: string; detail: string }[] {
  return error.issues.flatMap((issue) => {
    const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [key]) : [[]]
    return paths.map((extra) => ({
      pointer: pointerTo([...issue.path, ...extra]),
      detail: inOurWords(issue),
    }))
  })
}

/** What zod says where a schema says nothing of its own. */
const zodsWords = /^(Invalid (input|option|string)|Too (small|big)|Unrecognized key)/

/** zod says it for programmers; a bank's engineer should read what to do. */
function inOurWords(issue: z.core.$ZodIssue): string {
  const { code, message } = issue
  if (!zodsWords.test(message)) return message
  if (code === 'unrecognized_keys') return 'is not known here'
  if (code === 'too_small') return `must ${bound(issue.origin)} ${issue.minimum} or more`
  if (code === 'too_big') return `must ${bound(issue.origin)} ${issue.maximum} or less`
  if (code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`
  const [, wanted, given] = /^Invalid input: expected (\w+), received (\w+)$/.exec(message) ?? []
  if (given === 'undefined') return 'is missing'
  if (wanted === undefined) return 'is not valid'
  return `must be ${/^[aeio]/.test(wanted) ? 'an' : 'a'} ${wanted}`
}

/** Of a text or a list its length is bounded, of the rest its value. */
function bound(origin: string): string {
  return /^(string|array)$/.test(origin) ? 'have a length of' : 'be'
}

function pointerTo(path: PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
