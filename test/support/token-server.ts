import type { ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listeningHttp } from './listening.ts'

type Asked = { authorization: string; type: string; body: string }

/** What it answers; the count begins at 1. */
type Behaviour = (response: ServerResponse, count: number) => void

/**
 * A token server (RFC 6749, 4.4) in the test's process. The tokens are `token-1`, `token-2` and so
 * on, good for an hour unless told otherwise.
 */
export async function openTokenServer(answer: Behaviour = grants({})) {
  const asked: Asked[] = []
  const url = await listeningHttp(async (request, response) => {
    const { authorization = '', 'content-type': type = '' } = request.headers
    asked.push({ authorization, type, body: await text(request) })
    answer(response, asked.length)
  })
  return { url: `${url}/token`, asked }
}

export function grants(more: object): Behaviour {
  return (response, count) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ ...granted(count), ...more }))
}

const granted = (count: number) => ({
  access_token: `token-${count}`,
  token_type: 'Bearer',
  expires_in: 3600,
})
