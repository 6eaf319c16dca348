import type { IncomingMessage } from 'node:http'
import type { Refusal } from '../problem.ts'

export type BodyLimits = { maxBytes: number; timeoutMs: number }

export type BodyRead = { ok: true; body: Buffer } | { ok: false; refusal: Refusal }

/** Never settles when the client goes away half-way: then there is nobody left to answer. */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BodyRead> {
  const { maxBytes, timeoutMs } = limits
  if (Number(request.headers['content-length'] ?? 0) > maxBytes)
    return Promise.resolve({ ok: false, refusal: tooLarge(maxBytes) })

  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = (read: BodyRead) => {
      stopWaiting()
      request.off('data', onData).off('end', onEnd)
      resolve(read)
    }
    // Most bodies come with their headers and are whole in this very turn: they need no timer.
    let timer: NodeJS.Timeout | undefined
    const waiting = setImmediate(() => {
      timer = setTimeout(() => settle({ ok: false, refusal: tooSlow(timeoutMs) }), timeoutMs)
    })
    const stopWaiting = () => {
      clearImmediate(waiting)
      clearTimeout(timer)
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) settle({ ok: false, refusal: tooLarge(maxBytes) })
      else chunks.push(chunk)
    }
    const onEnd = () =>
      settle({
        ok: true,
        body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
      })
    request
      .on('data', onData)
      .on('end', onEnd)
      .on('error', () => {})
      .on('close', stopWaiting)
  })
}

function tooLarge(maxBytes: number): Refusal {
  return { code: 'body_too_large', detail: `The body may have at most ${maxBytes} bytes.` }
}

function tooSlow(timeoutMs: number): Refusal {
  return {
    code: 'request_timeout',
    detail: `The body must arrive within ${timeoutMs / 1000} seconds.`,
  }
}
