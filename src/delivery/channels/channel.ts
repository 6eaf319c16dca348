import type { Event, EventType } from '../../event/index.ts'
import type { Auth, ClientCertificate, Route } from '../../party/index.ts'
import type { Stage } from '../../platform/outbound/index.ts'
import type { Sent } from '../delivery.ts'
import type { Digest } from '../digest.ts'

/** `giro.test` is only ever sent, to see whether a route leads somewhere: it happens to nobody. */
export type Told = Omit<Event, 'type'> & { type: EventType | 'giro.test' }

/** A request as it goes out: what HTTP or a mail has before its text, and the text. */
export type Shown = { headers: Record<string, string>; body: string }

/** What is to be said, to whom; the delivery's id stays the same at every try. */
export type Message = {
  deliveryId: string
  event: Told
  route: Route
  /** In clear, newest first: the partner may verify with any; none where the method signs not. */
  secrets: string[]
  /** In clear: what the partner wants to have beside the headers that all have. */
  headers: Record<string, string>
  /** In clear: how we prove who we are. */
  auth: Auth | null
  clientCertificate: ClientCertificate | null
  /** All that is to be said at once, the event included; null where it is said by itself. */
  digest: Digest | null
  /** When another daemon may take the delivery over; nothing is begun that would last longer. */
  leaseEnd: number
  /** How long the attempt may take. */
  timeoutMs: number
  /** Is shown the request before it is sent. */
  shows?: (request: Shown) => void
}

/**
 * A way to reach a partner. `send` settles within the time limit of the message and never rejects:
 * what went wrong is said in the result.
 */
export type Channel = {
  send(message: Message): Promise<Sent>
  close(): Promise<void>
}

type Answered = Pick<Sent, 'status' | 'answer' | 'retryAfterMs'>

export function failed(
  error: string,
  stage: Stage,
  { status = null, answer = null, ...more }: Partial<Answered> = {},
): Sent {
  return { delivered: false, stage, status, error, answer, ...more }
}

/** Bytes of a partner's answer that are kept with the attempt. */
export const keptAnswerBytes = 4096

/** Part of an answer as text that every database takes. */
export function answerText(bytes: Buffer): string {
  return bytes.subarray(0, keptAnswerBytes).toString('utf8').replaceAll('\0', '\uFFFD')
}
