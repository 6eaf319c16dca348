import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { atEnd } from './at-end.ts'

/** An HTTP server in the test's process; closed when the file ends. */
export function listeningHttp(listener: RequestListener): Promise<string> {
  return listening(createHttpServer(listener))
}

/** A server that speaks no protocol but the one it is given. */
export function listeningTcp(talk: (socket: Socket) => void): Promise<string> {
  return listening(createServer((socket) => talk(socket.on('error', () => {}))))
}

/** Any server, on a free port unless one is given; closed when the file ends. */
export async function listening(
  server: Server,
  { host = '127.0.0.1', port: wanted = 0 } = {},
): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(wanted, host)
  await once(server, 'listening')
  atEnd(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return `http://${host}:${port}`
}

/** A connection of the test's own, to say half of something. */
export async function connected(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  atEnd(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}
