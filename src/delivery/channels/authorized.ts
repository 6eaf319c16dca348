import { type Clock, sleep } from '../../platform/clock.ts'
import { type Agent, post } from '../../platform/outbound/index.ts'
import type { Sent } from '../delivery.ts'
import { sentBy } from './answer.ts'
import { failed, type Message } from './channel.ts'
import type { createTokens, Granted, OAuth2 } from './tokens.ts'

type Request = Parameters<typeof post>[1]

/** POSTs with the `Authorization` that the route wants; a request without one goes as it is. */
export async function postAuthorized(
  { route, auth }: Message,
  { agent, clock, tokens, request }: Sending & { request: Request },
): Promise<Sent> {
  switch (auth?.type) {
    case undefined:
      return postOnce(request, { agent, clock })
    case 'basic':
      return postWith({ agent, clock }, request, basic(auth.username, auth.password))
    case 'bearer':
      return postWith({ agent, clock }, request, `Bearer ${auth.token}`)
    case 'oauth2':
      return postWithToken(request, auth, { agent, clock, tokens, route })
  }
}

type Tokens = ReturnType<typeof createTokens>

type Way = { agent: Agent; clock: Clock }

type Sending = Way & { tokens: Tokens }

async function postOnce(request: Request, { agent, clock }: Way): Promise<Sent> {
  return sentBy(await post(agent, request), clock.now())
}

function postWith(way: Way, request: Request, authorization: string): Promise<Sent> {
  return postOnce({ ...request, headers: { ...request.headers, authorization } }, way)
}

/** RFC 7617, in UTF-8. */
function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

type ForToken = Sending & { route: Message['route'] }

/**
 * A token that the partner answers with 401 is fetched anew, once, and the event sent again. All
 * of it happens within the time limit of the request.
 */
async function postWithToken(
  request: Request,
  auth: OAuth2,
  { agent, clock, tokens, route }: ForToken,
): Promise<Sent> {
  const until = performance.now() + request.timeoutMs
  const once = async (): Promise<{ sent: Sent; token: string | null }> => {
    const wanted = { routeId: route.id, kept: route.auth, auth, agent }
    const granted = await within(until, tokens.tokenFor(wanted), request.timeoutMs)
    const { token } = granted
    if (token === null) return { token, sent: failed(granted.failure, 'before') }
    const timeoutMs = Math.max(1, Math.round(until - performance.now()))
    return {
      token,
      sent: await postWith({ agent, clock }, { ...request, timeoutMs }, `Bearer ${token}`),
    }
  }
  const { token, sent } = await once()
  if (sent.status !== 401 || token === null) return sent
  tokens.refused(route.id, token)
  const { sent: again } = await once()
  return again.stage === 'before' ? { ...sent, error: `${sent.error}; then ${again.error}` } : again
}

/** A token may be under way that somebody asked for later than this request was begun. */
async function within(
  until: number,
  granting: Promise<Granted>,
  timeoutMs: number,
): Promise<Granted> {
  const inTime = new AbortController()
  try {
    const granted = await Promise.race([
      granting,
      sleep(Math.max(1, until - performance.now()), inTime.signal),
    ])
    return granted ?? { token: null, failure: `no token within ${timeoutMs / 1000} s` }
  } finally {
    inTime.abort()
  }
}
