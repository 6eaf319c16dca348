import { type Request, type Response, Router } from 'express'
import { invariant } from '../invariant.ts'
import { everyones, isOwn, type Own } from '../own.ts'
import { type ProblemCode, type Refusal, Refused } from '../problem.ts'
import { check, parseJson } from '../text.ts'
import { send, sendNothing, sendProblem } from './answer.ts'
import { readBody } from './body.ts'
import type { Caller, Endpoint } from './endpoint.ts'
import { sendStream } from './stream.ts'

type Authenticate = (bearer: string) => Promise<Caller | null>

const bodyLimits = { maxBytes: 64 * 1024, timeoutMs: 10_000 }

/** Serves endpoints: key, scope, path, query, headers and body are checked in this order. */
export function mount(endpoints: Endpoint[], authenticate: Authenticate, prefix: string): Router {
  const router = Router({ caseSensitive: true, strict: true })
  for (const [path, atPath] of Map.groupBy(endpoints, (one) => one.path)) {
    const route = router.route(prefix + path.replaceAll(/\{(\w+)\}/g, ':$1'))
    for (const one of atPath)
      route[one.method]((request, response) => serve(one, request, response, authenticate))
    route.all(methodNotAllowed(atPath.map(({ method }) => method)))
  }
  return router
}

/** Says which methods there are (RFC 9110, section 15.5.6). */
export function methodNotAllowed(methods: string[]) {
  const allowed = methods.flatMap((method) =>
    method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
  )
  return (request: Request, response: Response): void => {
    response.setHeader('allow', allowed.join(', '))
    const detail = `${request.method} is not possible here; ${allowed.join(', ')} is.`
    sendProblem(response, { code: 'method_not_allowed', detail })
  }
}

async function serve(
  one: Endpoint,
  request: Request,
  response: Response,
  authenticate: Authenticate,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const authorized = async () => (one.scope ? authorize(request, one, authenticate) : everyones)
  const own = await authorized()
  const params = one.params && check(one.params, request.params, 'The path is not valid.')
  requireOwn(params, own)
  const input = {
    params,
    query: one.query && check(one.query, request.query, 'The query is not valid.'),
    headers: one.headers && check(one.headers, request.headers, 'The headers are not valid.'),
    body: one.body && check(one.body, await jsonBody(request), 'The body is not valid.'),
    own,
    mayStill: () => authorized().then(isYes, ifRefused),
    gone: gone.signal,
  }
  const { status, json, bytes, stream, headers } = await one.handle(input)
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
  if (stream) await sendStream(response, status, stream)
  else if (bytes) send(response, status, 'application/octet-stream', bytes)
  else if (json !== undefined) send(response, status, 'application/json', JSON.stringify(json))
  else sendNothing(response, status)
}

const isYes = () => true

function ifRefused(error: unknown): false {
  if (error instanceof Refused) return false
  throw error
}

/** Lets nobody in whose key does not say so; gives back whose data the caller may have. */
async function authorize(
  request: Request,
  { scope, forPartners }: Endpoint,
  authenticate: Authenticate,
): Promise<Own> {
  const bearer = bearerOf(request.headers.authorization)
  if (bearer === null) throw new Refused('unauthorized', 'Send "Authorization: Bearer KEY".')
  const caller = await authenticate(bearer)
  if (!caller) throw new Refused('unauthorized', 'This API key is unknown or was revoked.')
  if (caller.scope === 'partner') {
    if (!forPartners) throw new Refused('forbidden', "A partner's API key may not do this.")
    invariant(caller.own !== everyones, 'the key of a partner says whose it is')
  } else if (scope === 'admin' && caller.scope !== 'admin')
    throw new Refused('forbidden', 'This needs an API key with the scope admin.')
  return caller.own
}

/** To a partner, a path of another's account is one that leads nowhere, whoever is there. */
function requireOwn(params: unknown, own: Own): void {
  const { account_id: accountId } = (params ?? {}) as { account_id?: string }
  if (accountId !== undefined && !isOwn(own, accountId))
    throw new Refused('not_found', `There is no partner ${accountId}.`)
}

/** The token of `Authorization: Bearer TOKEN` (RFC 6750), or null. */
export function bearerOf(header: string | undefined): string | null {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(header ?? '')?.[1] ?? null
}

async function jsonBody(request: Request): Promise<unknown> {
  const read = await readBody(request, bodyLimits)
  if (!read.ok) throw refusedAs(read.refusal)
  const refusal = contentRefusal(request.headers)
  if (refusal) throw refusedAs(refusal)
  const parsed = parseJson(read.body)
  if (!parsed) throw new Refused('json_unreadable', 'The body is not JSON in UTF-8.')
  return parsed.value
}

/** Only JSON in UTF-8, sent as it is. */
export function contentRefusal(headers: Request['headers']): Refusal | null {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity')
    return { code: 'unsupported_media_type', detail: 'Send the body without Content-Encoding.' }
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  if (type.trim() !== 'application/json')
    return { code: 'unsupported_media_type', detail: 'Send Content-Type: application/json.' }
  const charsets = parameters.map((one) => /^ *charset *= *"?([^"]*?)"? *$/.exec(one)?.[1])
  if (charsets.some((one) => one !== undefined && one !== 'utf-8' && one !== 'utf8'))
    return { code: 'unsupported_media_type', detail: 'Send JSON in UTF-8.' }
  return null
}

function refusedAs({ code, detail }: Refusal): Refused {
  return new Refused(code satisfies ProblemCode, detail)
}
