import type { Auth } from '../../party/index.ts'
import type { Clock } from '../../platform/clock.ts'
import { type Agent, type Called, type Guard, post } from '../../platform/outbound/index.ts'

export type OAuth2 = Extract<Auth, { type: 'oauth2' }>

/** A token to be shown, or why there is none. */
export type Granted = { token: string; lifeMs: number } | { token: null; failure: string }

type Wanted = {
  routeId: string
  /** The grant as it is kept: another text may be another grant. */
  kept: string | null
  auth: OAuth2
  agent: Agent
}

type Options = { clock: Clock; guard: Guard; timeoutMs: number }

type Entry = { kept: string | null; granting: Promise<Granted>; token?: string; endDate: number }

/** Where the server does not say for how long a token is good. */
const assumedLifeS = 300

/** A token is used until so long before its end, or for half its life where that is longer. */
const marginMs = 30_000

/**
 * Tokens by the client credentials grant (RFC 6749, 4.4), one for each route. Whoever wants one
 * while it is being fetched waits for the same; a failure is for those who waited, and no longer.
 */
export function createTokens({ clock, guard, timeoutMs }: Options) {
  const entries = new Map<string, Entry>()

  function tokenFor({ routeId, kept, auth, agent }: Wanted): Promise<Granted> {
    const known = entries.get(routeId)
    if (known?.kept === kept && clock.now() < known.endDate) return known.granting
    forgetEnded()
    const wrong = guard.judge(auth.token_url)
    if (wrong !== null) return Promise.resolve(none(`the token URL ${wrong}`))
    const entry: Entry = { kept, granting: fetched(), endDate: Number.POSITIVE_INFINITY }
    entries.set(routeId, entry)
    return entry.granting

    async function fetched(): Promise<Granted> {
      const granted = grantedBy(await post(agent, requestFor(auth, timeoutMs)))
      entry.endDate = clock.now()
      if (granted.token === null) return granted
      const { token, lifeMs } = granted
      entry.token = token
      entry.endDate += Math.max(lifeMs - marginMs, lifeMs / 2)
      return granted
    }
  }

  function forgetEnded(): void {
    for (const [routeId, { endDate }] of entries)
      if (endDate <= clock.now()) entries.delete(routeId)
  }

  return {
    tokenFor,
    /** The partner does not take it: the next is fetched, unless that has been done by now. */
    refused(routeId: string, token: string): void {
      if (entries.get(routeId)?.token === token) entries.delete(routeId)
    },
  }
}

function requestFor(auth: OAuth2, timeoutMs: number): Parameters<typeof post>[1] {
  const { token_url: url, client_id: id, client_secret: secret, scope } = auth
  // RFC 6749, 2.3.1: both are encoded as in a form before they are joined.
  const credentials = [id, secret].map(formEncoded).join(':')
  return {
    url,
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'user-agent': 'Giro',
    },
    body: `${new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) })}`,
    timeoutMs,
    keptBytes: mostTokenBytes,
  }
}

const mostTokenBytes = 64 * 1024

function formEncoded(text: string): string {
  return `${new URLSearchParams({ '': text })}`.slice(1)
}

type Members = Partial<Record<'access_token' | 'token_type' | 'expires_in' | 'error', unknown>>

function grantedBy(called: Called): Granted {
  if (called.answer === null) return none(`the token server: ${called.failure}`)
  const { status, body } = called.answer
  const { access_token: token, token_type: type, expires_in: life, error } = membersOf(body)
  if (status !== 200) {
    // RFC 6749, 5.2: a code that is made to be shown.
    const code = typeof error === 'string' && /^[!-~]{1,64}$/.test(error) ? ` (${error})` : ''
    return none(`the token server answered ${status}${code}`)
  }
  if (typeof token !== 'string' || !/^[!-~]+$/.test(token))
    return none('the token server gave no access_token that can be used')
  if (`${type}`.toLowerCase() !== 'bearer')
    return none('the token server gave a token whose type is not Bearer')
  // Some servers write the number as text.
  const lifeS = /^\d{1,9}$/.test(`${life}`) ? Number(life) : assumedLifeS
  return { token, lifeMs: lifeS * 1000 }
}

function none(reason: string): Granted {
  return { token: null, failure: `no token: ${reason}` }
}

function membersOf(body: Buffer): Members {
  try {
    return Object(JSON.parse(body.toString('utf8')))
  } catch {
    return {}
  }
}
