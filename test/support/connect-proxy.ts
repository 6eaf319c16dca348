import { createServer } from 'node:http'
import { connect } from 'node:net'
import { listening } from './listening.ts'

/**
 * A proxy that connects (RFC 9110, 9.3.6): it is told which addresses of the Internet are which
 * ports of this machine, and answers 502 to all others.
 */
export async function openConnectProxy(internet: Record<string, string>) {
  const asked: string[] = []
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', ({ url = '' }, client) => {
    asked.push(url)
    const port = internet[url]
    if (port === undefined) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
      return
    }
    const target = connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    for (const socket of [client, target]) socket.on('error', () => {})
    client.on('close', () => target.destroy())
  })
  const { port } = new URL(await listening(server))
  return { proxy: { host: '127.0.0.1', port: Number(port) }, asked }
}
