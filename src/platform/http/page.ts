import { z } from 'zod'
import { fromIso } from '../clock.ts'
import { Refused } from '../problem.ts'

/** Query members of every list: how many, and after which cursor. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(1).max(500))
    .default(50)
    .meta({ override: { type: 'integer', minimum: 1, maximum: 500, default: 50 } }),
  after: z
    .string()
    .optional()
    .describe('the `next` of the page before; without it the list begins at its start'),
}

export type PageRequest = { limit: number; after?: string | undefined }

export type Page<T> = { data: T[]; next: string | null }

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), next: z.string().nullable() })
}

/** Cuts a list that was asked for with one row more than the limit, and names its last row. */
export function toPage<R, T>(
  rows: R[],
  { limit }: PageRequest,
  keyOf: (row: R) => (string | number)[],
  view: (row: R) => T,
): Page<T> {
  const some = rows.slice(0, limit)
  const last = rows.length > limit ? some.at(-1) : undefined
  return { data: some.map(view), next: last === undefined ? null : encodeCursor(keyOf(last)) }
}

function encodeCursor(key: (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** The cursor of a list that is ordered by id. */
export function idCursor(request: PageRequest): string | null {
  return cursorKey(request, z.tuple([z.string()]))?.[0] ?? null
}

/** The cursor of a list whose ids say nothing of when they were made. */
export function dateCursor(request: PageRequest): { createDate: number; id: string } | null {
  const key = cursorKey(request, z.tuple([z.number(), z.string()]))
  return key && { createDate: key[0], id: key[1] }
}

/** The cursor of a list that grows at its end, whose rows have numbers. */
export function numberCursor(number: number): string {
  return encodeCursor([number])
}

/** The number behind such a cursor, which the member of this name was given as. */
export function cursorNumber(cursor: string, member: string): number {
  return keyIn(cursor, z.tuple([z.number().int().min(0)]), member)[0]
}

/** The key behind a cursor; a cursor that we did not make is refused. */
function cursorKey<T extends z.ZodType>(request: PageRequest, shape: T): z.output<T> | null {
  if (request.after === undefined) return null
  return keyIn(request.after, shape, 'after')
}

function keyIn<T extends z.ZodType>(cursor: string, shape: T, member: string): z.output<T> {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    const detail = 'is not the "next" of a page of this list'
    throw new Refused('invalid', 'The cursor is unknown.', [{ pointer: `/${member}`, detail }])
  }
}

/** Query members of lists over time: ISO 8601, from inclusive, to exclusive. */
export const timeQuery = {
  from: isoTime().optional().describe('not before this time (ISO 8601)'),
  to: isoTime().optional().describe('before this time (ISO 8601)'),
}

function isoTime() {
  return z
    .union(
      [z.iso.date(), z.iso.datetime({ offset: true })],
      'must be a date, or a time with its zone, such as 2026-11-20T09:00:00Z',
    )
    .pipe(z.string().transform(fromIso))
}
