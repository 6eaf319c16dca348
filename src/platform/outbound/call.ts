import type { Dispatcher } from 'undici'
import type { Agent } from './agent.ts'
import { tooLate } from './connection.ts'
import { plainReason, refusesUs } from './failure.ts'

type Call = {
  /** POST where none is said. */
  method?: Dispatcher.HttpMethod
  url: string
  headers: Record<string, string>
  body: string | null
  /** For all of it: name, connection, TLS, head and body. */
  timeoutMs: number
  /** So many bytes of the answer's body are kept. */
  keptBytes: number
}

type Head = { status: number; headers: Dispatcher.ResponseData['headers'] }

/** The answer's head, and the beginning of its body. */
export type Answer = Head & { body: Buffer }

/**
 * How far a try came: nothing was sent; something was, and nobody knows whether it arrived; an
 * answer was there.
 */
export type Stage = 'before' | 'during' | 'after'

/** Without an answer: why, and whether something was sent by then, which may have arrived. */
export type Called =
  | { answer: Answer }
  | { answer: null; failure: string; stage: Exclude<Stage, 'after'> }

/** Beyond this an answer is not read: the connection is dropped. A shorter one keeps it. */
const mostAnswerBytes = 64 * 1024

/**
 * Sends, and settles in time, whatever comes or does not come; never rejects. Once the head is
 * there, it is the answer: a body that breaks off, stalls or has no end is cut. No encoding of the
 * body is undone, so nothing can grow here.
 */
export function post(agent: Agent, { url, timeoutMs, keptBytes, ...sent }: Call): Promise<Called> {
  const { promise, resolve } = Promise.withResolvers<Called>()
  const { origin, pathname, search } = new URL(url)
  const path = `${pathname}${search}`
  const body = beginning(keptBytes)
  let sending: Dispatcher.DispatchController | undefined
  let head: Head | undefined
  let isOver = false

  const end = (failure: () => string, isSent = sending !== undefined) => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    const stage = isSent ? 'during' : 'before'
    resolve(
      head
        ? { answer: { ...head, body: body.bytes() } }
        : { answer: null, failure: failure(), stage },
    )
  }
  const brokenOff = () => 'the answer has no head'
  const timer = setTimeout(() => {
    end(() => tooLate(sending ? 'answer' : (agent.stepTo(origin) ?? 'connection'), timeoutMs))
    sending?.abort(givenUp)
  }, timeoutMs)

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(controller) {
      // What was given up while there was no connection is in undici's queue until there is one.
      if (isOver) controller.abort(givenUp)
      else sending = controller
    },
    onResponseStart(_, status, headers) {
      if (status >= 200) head = { status, headers }
    },
    onResponseData(controller, chunk) {
      if (body.add(chunk) < mostAnswerBytes) return
      end(brokenOff)
      controller.abort(givenUp)
    },
    onResponseEnd: () => end(brokenOff),
    onResponseError: (_, error) =>
      end(() => plainReason(error), sending !== undefined && !refusesUs(error)),
  }
  agent.dispatch({ method: 'POST', ...sent, origin, path }, handler)
  return promise
}

const givenUp = new Error('given up')

/** Keeps the first bytes of what is added, and counts all of it. */
function beginning(most: number) {
  const chunks: Buffer[] = []
  let size = 0
  return {
    add(chunk: Buffer): number {
      if (size < most) chunks.push(chunk.subarray(0, most - size))
      size += chunk.length
      return size
    },
    bytes: () => Buffer.concat(chunks),
  }
}
