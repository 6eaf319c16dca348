import { once } from 'node:events'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Agent, request } from 'undici'
import { atEnd } from './at-end.ts'

export type Headers = Record<string, string | string[]>

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire is judged by the tests
export type Json = any

export type Answer = {
  status: number
  headers: Record<string, string | string[] | undefined>
  bytes: Buffer
  /** The body as JSON; null where it is none. */
  json: Json
}

export type Send = { method?: string; headers?: Headers; body?: string | Buffer | null }

const agent = new Agent({ connections: 64, pipelining: 1 })
atEnd(() => agent.destroy())

/** One HTTP request; any answer is an answer, only a broken connection rejects. */
export async function http(url: string, { method = 'GET', headers, body }: Send = {}) {
  const answer = await request(url, {
    method: method as 'GET',
    headers: headers ?? {},
    body: body ?? null,
    dispatcher: agent,
  })
  const bytes = Buffer.from(await answer.body.arrayBuffer())
  return { status: answer.statusCode, headers: answer.headers, bytes, json: jsonOf(bytes) }
}

function jsonOf(bytes: Buffer): Json {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return null
  }
}

/** Bytes on a connection of their own; all that came back until the server closed it. */
export function rawHttp(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'))
    const chunks: Buffer[] = []
    const settle = () => resolve(Buffer.concat(chunks).toString('latin1'))
    socket.setTimeout(5000, () => socket.destroy(new Error('the server keeps the connection open')))
    socket
      .on('data', (chunk) => chunks.push(chunk))
      .on('close', settle)
      .on('error', (error) => (chunks.length > 0 ? settle() : reject(error)))
  })
}

/** Sends the beginning of a request and goes away. */
export function breakOff(url: string, text: string): Promise<void> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text, () => socket.destroy()))
    socket.on('close', () => resolve()).on('error', reject)
  })
}

/** Sends a request up to the middle of its body; the function given back sends the rest. */
export async function halfHttp(url: string, text: string): Promise<() => Promise<string>> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const half = Math.floor((text.indexOf('\r\n\r\n') + 4 + text.length) / 2)
  socket.write(text.slice(0, half), 'latin1')
  await once(socket, 'connect')
  return async () => {
    socket.write(text.slice(half), 'latin1')
    return (await buffer(socket)).toString('latin1')
  }
}

/** The operator API, spoken with one key. */
export function operator(url: string, key: string | null) {
  const headers = (): Headers => (key === null ? {} : { authorization: `Bearer ${key}` })
  const withBody = (method: string) => (path: string, body: unknown) =>
    http(`${url}/api/v1${path}`, {
      method,
      headers: { ...headers(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const without = (method: string) => (path: string) =>
    http(`${url}/api/v1${path}`, { method, headers: headers() })
  return {
    get: without('GET'),
    delete: without('DELETE'),
    act: without('POST'),
    post: withBody('POST'),
    patch: withBody('PATCH'),
  }
}

export type Operator = ReturnType<typeof operator>

/** A whole list, page by page. */
export async function everything(api: Operator, path: string): Promise<Json[]> {
  const all: Json[] = []
  for (let after = ''; ; ) {
    const page = await api.get(`${path}${path.includes('?') ? '&' : '?'}limit=500${after}`)
    if (page.status !== 200) throw new Error(`${path}: ${page.status} ${page.bytes}`)
    all.push(...page.json.data)
    if (page.json.next === null) return all
    after = `&after=${encodeURIComponent(page.json.next)}`
  }
}
