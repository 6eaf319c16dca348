import type { ServerResponse } from 'node:http'
import { DatabaseUnavailable } from '../database/index.ts'
import type { Log } from '../log.ts'
import { catalogue, type Refusal, Refused, Unavailable } from '../problem.ts'

declare global {
  namespace Express {
    interface Locals {
      requestId: string
    }
  }
}

/** An answer under way: the id of its request is known from the beginning. */
export type Answering = ServerResponse & { locals: Express.Locals }

/** Seconds after which a client that was told "unavailable" may come again. */
const retryAfterSeconds = 5

/** Writes a refusal as problem details (RFC 9457). */
export function sendProblem(response: Answering, refusal: Refusal): void {
  const { status, title } = catalogue[refusal.code]
  const { code, detail, errors } = refusal
  const body = JSON.stringify({
    type: `urn:giro:problem:${code}`,
    title,
    status,
    detail,
    code,
    request_id: response.locals.requestId,
    ...(errors && { errors }),
  })
  if (status === 401) response.setHeader('www-authenticate', 'Bearer')
  if (status === 503) response.setHeader('retry-after', `${retryAfterSeconds}`)
  // The rest of a body that came too slowly is not waited for.
  if (status === 408) response.setHeader('connection', 'close')
  send(response, status, 'application/problem+json', body)
  if (status === 408) response.once('finish', () => response.socket?.destroySoon())
}

/** Writes an answer as it is, without the hashing and guessing of Express's own `send`. */
export function send(
  response: Answering,
  status: number,
  contentType: string,
  body: string | Buffer,
): void {
  response.writeHead(status, [
    'x-request-id',
    response.locals.requestId,
    'content-type',
    contentType,
    'content-length',
    `${Buffer.byteLength(body)}`,
  ])
  response.end(body)
}

export function sendNothing(response: Answering, status: number): void {
  response.writeHead(status, { 'x-request-id': response.locals.requestId }).end()
}

/** What a thrown error means to a client: the cause stays in the log. */
export function refusalOf(error: unknown, log: Log, requestId: string): Refusal {
  if (error instanceof Refused) return error.refusal
  if (error instanceof DatabaseUnavailable) {
    log.error({ err: error, request_id: requestId }, 'database unavailable')
    return { code: 'unavailable', detail: 'The database cannot take it now; send it again later.' }
  }
  if (error instanceof Unavailable) {
    log.error({ err: error, request_id: requestId }, 'unavailable')
    return {
      code: 'unavailable',
      detail: 'What this needs cannot be reached now; try again later.',
    }
  }
  if (isBadUrl(error)) return { code: 'bad_request', detail: 'The URL cannot be decoded.' }
  log.error({ err: error, request_id: requestId }, 'request failed')
  return { code: 'internal', detail: 'This is a fault of Giro; its log knows the request_id.' }
}

/** Express's router throws this for a percent sign that is followed by nonsense. */
function isBadUrl(error: unknown): boolean {
  return error instanceof URIError
}
