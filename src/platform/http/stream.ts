import { once } from 'node:events'
import type { Answering } from './answer.ts'

/** Text that goes out piece by piece, until it ends or is told to end. */
export type Stream = { contentType: string; chunks: AsyncIterable<string>; until: AbortSignal }

/**
 * Asks for the next piece only when the client has taken the last one, so a slow client costs no
 * memory. One that is behind when the stream is told to end is cut off: it may never catch up.
 */
export async function sendStream(
  response: Answering,
  status: number,
  { contentType, chunks, until }: Stream,
): Promise<void> {
  const { requestId } = response.locals
  response.writeHead(status, ['x-request-id', requestId, 'content-type', contentType])
  if (response.req.method !== 'HEAD')
    for await (const chunk of chunks)
      if (!response.write(chunk) && !(await isTaken(response, until))) {
        response.destroy()
        return
      }
  response.end()
}

function isTaken(response: Answering, until: AbortSignal): Promise<boolean> {
  return once(response, 'drain', { signal: until }).then(
    () => true,
    () => false,
  )
}
