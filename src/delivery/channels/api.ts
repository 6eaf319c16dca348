import { type Clock, toIso } from '../../platform/clock.ts'
import {
  type Agent,
  type Guard,
  type HttpProxy,
  nothingSent,
  openAgent,
  post,
} from '../../platform/outbound/index.ts'
import type { Sent } from '../delivery.ts'
import { signedHeaders } from '../signature.ts'
import { sentBy } from './answer.ts'
import { type Channel, failed, keptAnswerBytes, type Message, type Told } from './channel.ts'

type Options = { clock: Clock; guard: Guard; proxy: HttpProxy | null; timeoutMs: number }

/** POSTs a signed event where the guard lets it. Redirects are not followed. */
export function apiChannel({ clock, guard, proxy, timeoutMs }: Options): Channel {
  let agent: Promise<Agent> | undefined

  async function send({ event, route, secrets, headers, shows }: Message): Promise<Sent> {
    const wrong = guard.judge(route.contactPath)
    if (wrong !== null) return failed(nothingSent(wrong), 'before')
    const body = eventBody(event)
    const signature = signedHeaders(secrets, { id: event.id, body, now: clock.now() })
    const all = { ...headers, ...ownHeaders, ...signature }
    shows?.({ headers: all, body })
    agent ??= openAgent({ guard, proxy, timeoutMs })
    const called = await post(await agent, {
      url: route.contactPath,
      headers: all,
      body,
      timeoutMs,
      keptBytes: keptAnswerBytes,
    })
    return sentBy(called)
  }

  return { send, close: async () => (await agent)?.destroy() }
}

const ownHeaders = { 'content-type': 'application/json', 'user-agent': 'Giro' }

/** The body of a webhook: what never changes about an event, so its bytes never do either. */
function eventBody({ type, time, data }: Told): string {
  return `{"type":"${type}","timestamp":"${toIso(time)}","data":${data}}`
}
