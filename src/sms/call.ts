import type { Agent, Dispatcher } from 'undici'
import {
  type Guard,
  type HttpProxy,
  nothingSent,
  openAgent,
  plainReason,
} from '../platform/outbound/index.ts'
import type { Answer, Request } from './provider.ts'

type Options = { guard: Guard; proxy: HttpProxy | null; timeoutMs: number }

/** What came of a request: an answer, or why there is none. */
export type Called = { ok: true; answer: Answer } | { ok: false; why: string }

export type Caller = { call(request: Request): Promise<Called>; close(): Promise<void> }

/** A provider's answer is a line or two; more of it is not read. */
const mostBytes = 16 * 1024

/**
 * Makes requests where the guard lets them go, each within the time there is. undici is loaded with
 * the first one, since a process that only serves never needs it.
 */
export function createCaller(options: Options): Caller {
  const { guard, timeoutMs } = options
  let client: Promise<Client> | undefined

  async function call({ url, method, headers, body }: Request): Promise<Called> {
    const wrong = guard.judge(url)
    if (wrong !== null) return { ok: false, why: nothingSent(wrong) }
    const limit = new AbortController()
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      limit.abort()
      late.reject(limit.signal.reason)
    }, timeoutMs)
    try {
      client ??= connect(options)
      const { request, agent } = await client
      const own = { 'user-agent': 'Giro', ...headers }
      const more = { method, headers: own, body, dispatcher: agent, signal: limit.signal }
      // undici heeds the signal once it has a connection, and a name server can be slow.
      const answer = await Promise.race([request(url, more), late.promise])
      return { ok: true, answer: { status: answer.statusCode, body: await beginning(answer) } }
    } catch (error) {
      return { ok: false, why: limit.signal.aborted ? tooLate(timeoutMs) : plainReason(error) }
    } finally {
      clearTimeout(timer)
    }
  }

  return { call, close: async () => (await client)?.agent.destroy() }
}

/** Providers have no way to ask whether they took it, so it is said that there may be two. */
function tooLate(timeoutMs: number): string {
  return `no answer within ${timeoutMs / 1000} s: if the text was taken, a second copy will follow`
}

type Client = { request: typeof import('undici').request; agent: Agent }

async function connect(options: Options): Promise<Client> {
  const [{ request }, agent] = await Promise.all([import('undici'), openAgent(options)])
  return { request, agent }
}

/** What breaks off or stalls is as long as it is; its status stands. */
async function beginning({ body }: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= mostBytes) break
    }
  } catch {
    // What came before the break is kept.
  }
  return Buffer.concat(chunks).toString('utf8')
}
