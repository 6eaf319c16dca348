import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { UserError } from '../problem.ts'
import { type Service, service } from '../service.ts'

type Options = {
  host: string
  port: number
  /** The setting to change where the port is taken. */
  portSetting: string
  requestTimeoutMs: number
  stopTimeoutMs: number
}

/** An HTTP server whose `stop` lets answers that are under way be finished. */
export function httpServer(
  listener: RequestListener,
  options: Options,
): Service & { url(): string } {
  const { host, requestTimeoutMs, stopTimeoutMs } = options
  let stopping = false
  /** Each open connection, and how many answers it is owed. */
  const owed = new Map<Socket, number>()

  const owe = (socket: Socket, more: number) => {
    const before = owed.get(socket)
    if (before === undefined) return
    owed.set(socket, before + more)
    if (stopping && before + more === 0) socket.destroySoon()
  }
  const serve: RequestListener = (request, response) => {
    const { socket } = request
    owe(socket, 1)
    response.once('close', () => owe(socket, -1))
    if (stopping) response.setHeader('connection', 'close')
    listener(request, response)
  }
  const server = createServer({ requestTimeout: requestTimeoutMs }, serve)
  // Node itself would answer an unknown Expect with a bare 417; RFC 9110 lets us pass over it.
  server.on('checkExpectation', serve)
  server.on('connection', (socket: Socket) => {
    owed.set(socket, 0)
    socket.once('close', () => owed.delete(socket))
  })
  // Broken HTTP behind a request that is still to be answered must not be taken for its answer.
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if ((owed.get(socket) ?? 0) > 0 || !socket.writable) socket.destroy()
    else socket.end(`HTTP/1.1 ${bareStatus[error.code ?? ''] ?? '400 Bad Request'}\r\n\r\n`)
  })
  // Node's own cuts off what is written but not yet sent, and waits for who never asked anything.
  server.closeIdleConnections = () => {
    for (const [socket, count] of owed) if (count === 0) socket.destroySoon()
  }

  const { start, stop } = service({
    start: () => listen(server, options),
    async stop() {
      stopping = true
      const cut = setTimeout(() => server.closeAllConnections(), stopTimeoutMs)
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      clearTimeout(cut)
    },
  })
  const url = () => {
    const { port: taken } = server.address() as AddressInfo
    return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`
  }
  return { start, stop, url }
}

/** What never became a request is answered with a status line alone. */
const bareStatus: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

function listen(server: Server, options: Options): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, options)))
    server.listen(options.port, options.host, 1024, () => resolve())
  })
}

function listenError(error: NodeJS.ErrnoException, options: Options): Error {
  const { host, port, portSetting } = options
  if (error.code === 'EADDRINUSE')
    return new UserError(
      `Port ${port} on ${host} is taken: stop the other program or set another ${portSetting}.`,
    )
  if (error.code === 'EACCES')
    return new UserError(
      `Port ${port} on ${host} may not be used: set a ${portSetting} above 1023.`,
    )
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new UserError(`HOST ${host} is not an address of this machine.`)
  return error
}
