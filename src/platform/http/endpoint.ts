import type { z } from 'zod'
import type { Own } from '../own.ts'
import type { ProblemCode } from '../problem.ts'
import type { Stream } from './stream.ts'

/** What an operator's key may do. */
export type Scope = 'read' | 'admin'

/** Who calls, as far as the API keys know: an operator, or a partner, who has its `own` alone. */
export type Caller = { keyId: string; scope: Scope | 'partner'; own: Own }

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined

export type Input<P, Q, B, H> = {
  params: Parsed<P>
  query: Parsed<Q>
  body: Parsed<B>
  headers: Parsed<H>
  /** Whose data alone this is about; it goes to whatever reads or changes any. */
  own: Own
  /** Whether the caller's key is good yet: who is answered for long has to ask. */
  mayStill: () => Promise<boolean>
  /** Aborted once nobody waits for the answer any more. */
  gone: AbortSignal
}

/** JSON, raw bytes, or a stream, each with its headers. `204` has none of them. */
export type Answer = {
  status: number
  json?: unknown
  bytes?: Buffer
  stream?: Stream
  headers?: Record<string, string>
}

/** One operation of the API: what is checked before it runs, and what its documentation says. */
export type Endpoint<
  P extends z.ZodType | undefined = z.ZodType | undefined,
  Q extends z.ZodType | undefined = z.ZodType | undefined,
  B extends z.ZodType | undefined = z.ZodType | undefined,
  H extends z.ZodType | undefined = z.ZodType | undefined,
> = {
  method: 'get' | 'post' | 'patch' | 'delete'
  /** From `/api/v1`, with parameters as `/payers/{id}`. */
  path: string
  summary: string
  /** What an operator's key must be allowed to do; null where no key is asked for. */
  scope: Scope | null
  /** A partner's key may do it as well, with what is its own; without this it may not. */
  forPartners?: true
  params?: P
  query?: Q
  body?: B
  /** Headers that the operation itself reads, by their names in lower case. */
  headers?: H
  answer: { status: number; description: string; schema?: z.ZodType; contentType?: string }
  refusals: ProblemCode[]
  handle(input: Input<P, Q, B, H>): Promise<Answer>
}

/** Gives the handler its parsed types; the list of endpoints then forgets them. */
export function endpoint<
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  H extends z.ZodType | undefined = undefined,
>(description: Endpoint<P, Q, B, H>): Endpoint {
  return description as unknown as Endpoint
}

export const ok = (json: unknown): Answer => ({ status: 200, json })
export const created = (json: unknown): Answer => ({ status: 201, json })
export const accepted = (json: unknown): Answer => ({ status: 202, json })
export const noContent: Answer = { status: 204 }
