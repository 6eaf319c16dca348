import type { Agent, Dispatcher } from 'undici'
import { type Clock, toIso } from '../../platform/clock.ts'
import {
  type Guard,
  type HttpProxy,
  nothingSent,
  openAgent,
  plainReason,
} from '../../platform/outbound/index.ts'
import type { Sent } from '../delivery.ts'
import { signedHeaders } from '../signature.ts'
import {
  answerText,
  type Channel,
  failed,
  keptAnswerBytes,
  type Message,
  type Told,
} from './channel.ts'

type Options = { clock: Clock; guard: Guard; proxy: HttpProxy | null; timeoutMs: number }

/**
 * POSTs a signed event where the guard lets it. 2xx is success, whatever the body; redirects are
 * not followed. undici is loaded with the first one, since a process that only serves never needs
 * it.
 */
export function apiChannel({ clock, guard, proxy, timeoutMs }: Options): Channel {
  let client: Promise<Client> | undefined

  async function send({ event, route, secrets, headers, shows }: Message): Promise<Sent> {
    const wrong = guard.judge(route.contactPath)
    if (wrong !== null) return failed(nothingSent(wrong))
    const body = eventBody(event)
    const signature = signedHeaders(secrets, { id: event.id, body, now: clock.now() })
    const all = { ...headers, ...ownHeaders, ...signature }
    shows?.({ headers: all, body })
    client ??= connect({ guard, proxy, timeoutMs })
    const { request, agent } = await client
    const limit = new AbortController()
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      limit.abort()
      late.reject(limit.signal.reason)
    }, timeoutMs)
    try {
      const sending = request(route.contactPath, {
        method: 'POST',
        headers: all,
        body,
        dispatcher: agent,
        signal: limit.signal,
      })
      // undici heeds the signal once it has a connection, and a name server can be slow.
      const answer = await Promise.race([sending, late.promise])
      return sentBy(answer, await beginning(answer))
    } catch (error) {
      if (limit.signal.aborted) return failed(`no answer within ${timeoutMs / 1000} s`)
      return failed(plainReason(error))
    } finally {
      clearTimeout(timer)
    }
  }

  return { send, close: async () => (await client)?.agent.destroy() }
}

const ownHeaders = { 'content-type': 'application/json', 'user-agent': 'Giro' }

type Client = { request: typeof import('undici').request; agent: Agent }

async function connect(options: Omit<Options, 'clock'>): Promise<Client> {
  const [{ request }, agent] = await Promise.all([import('undici'), openAgent(options)])
  return { request, agent }
}

/** The body of a webhook: what never changes about an event, so its bytes never do either. */
function eventBody({ type, time, data }: Told): string {
  return `{"type":"${type}","timestamp":"${toIso(time)}","data":${data}}`
}

function sentBy({ statusCode: status }: Dispatcher.ResponseData, answer: string): Sent {
  if (status >= 200 && status < 300) return { delivered: true, status, error: null, answer }
  const redirected = status >= 300 && status < 400
  const why = redirected ? 'a redirect, which is not followed' : 'not a success'
  return failed(`the partner answered ${status}: ${why}`, status, answer)
}

/** The first bytes of an answer. One that breaks off or stalls does not undo its status. */
async function beginning({ body }: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= keptAnswerBytes) break
    }
  } catch {
    // What came before the break is kept.
  }
  return answerText(Buffer.concat(chunks))
}
