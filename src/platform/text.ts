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

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown

/**
 * JSON with every number as its text, or undefined where it is nested too deeply to be read so.
 * TypeScript's library does not know the third parameter of a reviver yet (ECMAScript 2025).
 */
export function parseExactly(text: string): unknown {
  const keepSource: Reviver = (_key, value, { source }) =>
    typeof value === 'number' ? new JsonNumber(source ?? '') : value
  try {
    return JSON.parse(text, keepSource as (key: string, value: unknown) => unknown)
  } catch {
    return undefined
  }
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
      detail: issue.message,
    }))
  })
}

function pointerTo(path: PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
