import { sleep } from '../../platform/clock.ts'
import { type Agent, post } from '../../platform/outbound/index.ts'
import type { Sent } from '../delivery.ts'
import { sentBy } from './answer.ts'
import { failed, type Message } from './channel.ts'
import type { createTokens, Granted, OAuth2 } from './tokens.ts'

type Request = Parameters<typeof post>[1]

/** POSTs with the `Authorization` that the route wants; a request without one goes as it is. */
export async function postAuthorized(
  { route, auth }: Message,
  { agent, tokens, request }: { agent: Agent; tokens: Tokens; request: Request },
): Promise<Sent> {
  switch (auth?.type) {
    case undefined:
      return sentBy(await post(agent, request))
    case 'basic':
      return postWith(agent, request, basic(auth.username, auth.password))
    case 'bearer':
      return postWith(agent, request, `Bearer ${auth.token}`)
    case 'oauth2':
      return postWithToken(request, auth, { agent, tokens, route })
  }
}

type Tokens = ReturnType<typeof createTokens>

async function postWith(agent: Agent, request: Request, authorization: string): Promise<Sent> {
  return sentBy(await post(agent, { ...request, headers: { ...request.headers, authorization } }))
}

/** RFC 7617, in UTF-8. */
function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

type ForToken = { agent: Agent; tokens: Tokens; route: Message['route'] }

/**
 * A token that the partner answers with 401 is fetched anew, once, and the event sent again. All
 * of it happens within the time limit of the request.
 */
async function postWithToken(
  request: Request,
  auth: OAuth2,
  { agent, tokens, route }: ForToken,
): Promise<Sent> {
  const until = performance.now() + request.timeoutMs
  const once = async (): Promise<{ sent: Sent; token: string | null }> => {
    const wanted = { routeId: route.id, kept: route.auth, auth, agent }
    const granted = await within(until, tokens.tokenFor(wanted), request.timeoutMs)
    const { token } = granted
    if (token === null) return { token, sent: failed(granted.failure, 'before') }
    const timeoutMs = Math.max(1, Math.round(until - performance.now()))
    return { token, sent: await postWith(agent, { ...request, timeoutMs }, `Bearer ${token}`) }
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
