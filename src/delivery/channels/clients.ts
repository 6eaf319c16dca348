import {
  type Agent,
  type Guard,
  type HttpProxy,
  type Identity,
  openAgent,
} from '../../platform/outbound/index.ts'
import type { Message } from './channel.ts'

type Options = { guard: Guard; proxy: HttpProxy | null; timeoutMs: number }

type Own = { kept: string | null; agent: Promise<Agent>; idle: NodeJS.Timeout }

/** Longer than any connection is kept without a request. */
const idleMs = 60_000

/**
 * The agents that webhooks go out by: one for all, and one for each route that shows a certificate,
 * so that nobody else's webhook goes over its connections. That one is let go when the certificate
 * is another, and when the route was not used for a while.
 */
export function createClients(options: Options) {
  let shared: Promise<Agent> | undefined
  const own = new Map<string, Own>()

  function agentFor({ route, clientCertificate }: Message): Promise<Agent> {
    if (clientCertificate === null) {
      shared ??= openAgent(options)
      return shared
    }
    const known = own.get(route.id)
    if (known?.kept === route.clientCertificate) {
      known.idle.refresh()
      return known.agent
    }
    release(route.id)
    const { certificate: cert, key, ca } = clientCertificate
    const identity: Identity = { cert, key, ...(ca && { ca }) }
    const agent = openAgent({ ...options, identity })
    const idle = setTimeout(() => release(route.id), idleMs).unref()
    own.set(route.id, { kept: route.clientCertificate, agent, idle })
    return agent
  }

  /** What is under way on it ends by itself. */
  function release(routeId: string): void {
    const { agent, idle } = own.get(routeId) ?? {}
    clearTimeout(idle)
    own.delete(routeId)
    agent?.then((one) => one.close()).catch(() => {})
  }

  return {
    agentFor,
    /** Cuts what is under way. */
    async close(): Promise<void> {
      const all = [shared, ...own.values().map(({ agent }) => agent)]
      for (const { idle } of own.values()) clearTimeout(idle)
      own.clear()
      for (const agent of all) await (await agent)?.destroy()
    },
  }
}
