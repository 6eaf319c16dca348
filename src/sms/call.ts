import {
  type Agent,
  type Called,
  type Guard,
  type HttpProxy,
  nothingSent,
  openAgent,
  post,
} from '../platform/outbound/index.ts'
import type { Request } from './provider.ts'

/** No request has a longer time limit than `longestMs`. */
type Options = { guard: Guard; proxy: HttpProxy | null; longestMs: number }

export type Caller = {
  call(request: Request, timeoutMs: number): Promise<Called>
  close(): Promise<void>
}

/** A provider's answer is a line or two; more of it is not kept. */
const keptBytes = 16 * 1024

/** Makes requests where the guard lets them go, each within the time there is. */
export function createCaller({ guard, proxy, longestMs }: Options): Caller {
  let agent: Promise<Agent> | undefined

  async function call({ headers, ...request }: Request, timeoutMs: number): Promise<Called> {
    const wrong = guard.judge(request.url)
    if (wrong !== null) return { answer: null, failure: nothingSent(wrong), stage: 'before' }
    agent ??= openAgent({ guard, proxy, timeoutMs: longestMs })
    const all = { 'user-agent': 'Giro', ...headers }
    const called = await post(await agent, { ...request, headers: all, timeoutMs, keptBytes })
    if (called.answer !== null || called.stage === 'before') return called
    return { ...called, failure: `${called.failure}: ${maybeTwice}` }
  }

  return { call, close: async () => (await agent)?.destroy() }
}

/** Providers have no way to ask whether they took it. */
const maybeTwice = 'if the text was taken, a second copy will follow'
