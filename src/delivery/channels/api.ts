import { type Clock, toIso } from '../../platform/clock.ts'
import { type Guard, type HttpProxy, nothingSent } from '../../platform/outbound/index.ts'
import type { Sent } from '../delivery.ts'
import { signedHeaders } from '../signature.ts'
import { postAuthorized } from './authorized.ts'
import { type Channel, failed, keptAnswerBytes, type Message, type Told } from './channel.ts'
import { createClients } from './clients.ts'
import { createTokens } from './tokens.ts'

/** No message has a longer time limit than `longestMs`. */
type Options = { clock: Clock; guard: Guard; proxy: HttpProxy | null; longestMs: number }

/** POSTs a signed event where the guard lets it. Redirects are not followed. */
export function apiChannel({ clock, guard, proxy, longestMs }: Options): Channel {
  const clients = createClients({ guard, proxy, timeoutMs: longestMs })
  const tokens = createTokens({ clock, guard, timeoutMs: longestMs })

  async function send(message: Message): Promise<Sent> {
    const { event, route, secrets, headers, auth, timeoutMs, shows } = message
    const wrong = guard.judge(route.contactPath)
    if (wrong !== null) return failed(nothingSent(wrong), 'before')
    const body = eventBody(event)
    const signature = signedHeaders(secrets, { id: event.id, body, now: clock.now() })
    const all = { ...headers, ...ownHeaders, ...signature }
    shows?.({ headers: { ...all, ...(auth && { authorization: '***' }) }, body })
    const request = {
      url: route.contactPath,
      headers: all,
      body,
      timeoutMs,
      keptBytes: keptAnswerBytes,
    }
    const agent = await clients.agentFor(message)
    return postAuthorized(message, { agent, clock, tokens, request })
  }

  return { send, close: clients.close }
}

const ownHeaders = { 'content-type': 'application/json', 'user-agent': 'Giro' }

/** The body of a webhook: what never changes about an event, so its bytes never do either. */
function eventBody({ type, time, data }: Told): string {
  return `{"type":"${type}","timestamp":"${toIso(time)}","data":${data}}`
}
