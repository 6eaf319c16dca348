import type { Dispatcher } from 'undici'
import { createConnector, type Identity, type Step } from './connection.ts'
import type { Guard } from './guard.ts'
import type { HttpProxy } from './proxy.ts'

type Options = {
  guard: Guard
  proxy: HttpProxy | null
  /** The longest that a connection may take to be made. */
  timeoutMs: number
  identity?: Identity
}

/** What requests that were judged go out by; it keeps connections for those that come later. */
export type Agent = {
  dispatch: Dispatcher['dispatch']
  stepTo(origin: string): Step | undefined
  /** Resolves when what is under way has ended. */
  close(): Promise<void>
  /** Cuts what is under way. */
  destroy(): Promise<void>
}

/**
 * undici's agent over connections of our own; it is loaded with the first, since a process that
 * only serves never needs it. One request a connection at a time, and so HTTP/1.1: who breaks a
 * connection breaks one attempt. undici's own time limits are off, since each call has one.
 */
export async function openAgent({ guard, proxy, timeoutMs, identity }: Options): Promise<Agent> {
  const { Agent, buildConnector } = await import('undici')
  const secure = buildConnector({ ...identity, allowH2: false, timeout: 0 })
  const { connect, stepTo, abandon } = createConnector({ guard, proxy, timeoutMs, secure })
  const agent = new Agent({ connect, allowH2: false, headersTimeout: 0, bodyTimeout: 0 })
  return {
    dispatch: agent.dispatch.bind(agent),
    stepTo,
    close: () => agent.close(),
    async destroy() {
      const destroyed = agent.destroy()
      abandon()
      await destroyed
    },
  }
}
