import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { atEnd } from './at-end.ts'
import type { Json } from './http.ts'
import { until } from './until.ts'

/** One webhook as it arrived. */
export type Heard = { path: string; headers: IncomingHttpHeaders; body: Buffer; time: number }

/** What a partner does with a webhook; the count begins at 1. */
export type Behaviour = (response: ServerResponse, heard: Heard, count: number) => void

export type Partner = {
  url: string
  heard: Heard[]
  /** From now on it does so. */
  does(behaviour: Behaviour): void
  /** So many webhooks at least, as soon as they are there. */
  hears(count: number): Promise<Heard[]>
  close(): Promise<void>
}

/** A partner's own HTTP server in the test's process. It takes everything until told otherwise. */
export async function openPartner(first: Behaviour = says(204)): Promise<Partner> {
  let behaviour = first
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    // A daemon that was killed in the middle of a request has told nothing.
    const body = await buffer(request).catch(() => null)
    if (body === null) return
    const { url: path = '', headers } = request
    const one = { path, headers, body, time: performance.now() }
    heard.push(one)
    behaviour(response, one, heard.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const close = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  atEnd(close)
  return {
    url: `http://127.0.0.1:${port}/payments`,
    heard,
    does: (next) => {
      behaviour = next
    },
    hears: (count) =>
      until(`${count} webhooks at the partner`, () => heard.length >= count && heard),
    close,
  }
}

export function says(status: number, body = '', headers: Record<string, string> = {}): Behaviour {
  return (response) => response.writeHead(status, headers).end(body)
}

export const neverAnswers: Behaviour = () => {}

/** Closes the connection without an answer. */
export const breaksOff: Behaviour = (response) => response.destroy()

/** One behaviour after the other; the last one for all that follow. */
export function inTurn(...turns: [Behaviour, ...Behaviour[]]): Behaviour {
  let next = 0
  return (...args) => turns[Math.min(next++, turns.length - 1)]?.(...args)
}

/** The event in a webhook, after the official library found its signature good. */
export function verified({ body, headers }: Heard, secret: string): Json {
  return new Webhook(secret).verify(body, headers as Record<string, string>)
}
