import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { atEnd } from './at-end.ts'
import type { Headers, Json } from './http.ts'
import { until } from './until.ts'

/** One event as a browser's EventSource would hand it out. */
export type Heard = { id: string; type: string; data: Json }

export type Listener = {
  status: number
  headers: IncomingMessage['headers']
  heard: Heard[]
  /** All lines as they came, comments included. */
  lines: string[]
  /** What a client that comes back says where it was. */
  lastId(): string
  /** So many events, as soon as they are there. */
  hears(count: number): Promise<Heard[]>
  leave(): void
  /** Resolves when the stream is over, whoever ended it. */
  over: Promise<void>
}

/** Listens to a stream of server-sent events, by the rules of the HTML Living Standard, 9.2.6. */
export async function listenTo(url: string, headers: Headers): Promise<Listener> {
  const request = get(url, { headers, agent: false })
  const leave = () => void request.destroy()
  atEnd(leave)
  const [response]: IncomingMessage[] = await once(request, 'response')
  if (!response) throw new Error('an answer has a response')
  const heard: Heard[] = []
  const lines: string[] = []
  let lastId = ''
  let block: Record<string, string> = {}
  const take = (line: string) => {
    lines.push(line)
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
    if (name !== '') block[name] = value
    if (line !== '') return
    lastId = block.id ?? lastId
    const { event: type = 'message', data } = block
    if (data !== undefined) heard.push({ id: lastId, type, data: JSON.parse(data) })
    block = {}
  }
  const over = new Promise<void>((resolve) => {
    response.once('close', resolve)
  })
  let rest = ''
  response.setEncoding('utf8').on('data', (text: string) => {
    const found = `${rest}${text}`.split('\n')
    rest = found.pop() ?? ''
    found.forEach(take)
  })
  // One that is cut off is over as well.
  response.on('error', () => {})
  const hears = (count: number) =>
    until(
      () => `${count} events; there are ${heard.length}`,
      () => heard.length >= count && heard,
    )
  const { statusCode: status = 0, headers: said } = response
  return { status, headers: said, heard, lines, lastId: () => lastId, hears, leave, over }
}
