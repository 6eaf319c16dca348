import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Place } from '../../src/platform/database/index.ts'
import { atEnd } from './at-end.ts'
import { urlOf } from './place.ts'
import { type Wire, wireOf } from './wire.ts'

/**
 * What becomes of a COMMIT at which the connection breaks: it never arrives; it never arrives and
 * the server does not hear of the break either; it is done, but nobody hears of it; it arrives only
 * when another transaction already does the same again.
 */
export type Fate = 'lost' | 'forgotten' | 'unheard' | 'late'

/** The way to a database server, on which everything can happen that happens on networks. */
export type Network = {
  /** Where the server is found by this way. */
  url: string
  /** Breaks all connections; new ones are let through. */
  cut(): void
  /** Breaks all connections and takes no new ones. */
  refuse(): Promise<void>
  /** Passes nothing on, and tells nobody. */
  freeze(): void
  /** All is as before. */
  resume(): Promise<void>
  /** Breaks the connection at the next COMMIT of a transaction with such a statement. */
  breakAtCommit(fate: Fate, beginning: string): Promise<void>
}

type Link = {
  client: Socket
  server: Socket
  wire: Wire
  /** What its transaction has said. */
  statements: string[]
  /** The client is to hear nothing more. */
  deaf: boolean
  /** The client is gone, and the server is not told. */
  forgotten: boolean
}

export async function openNetwork(place: Place): Promise<Network> {
  const target = new URL(urlOf(place))
  const { pass, breakAtCommit } = breaker()
  const links = new Set<Link>()
  let frozen = false

  const listening = createServer({ pauseOnConnect: true }, (client) => {
    const server = connect(Number(target.port), target.hostname)
    const link = linked(client, server, wireOf(place), pass)
    links.add(link)
    server.on('close', () => links.delete(link))
    if (frozen) server.pause()
    else client.resume()
  })

  const sockets = () => [...links].flatMap(({ client, server }) => [client, server])
  const cut = () => {
    for (const socket of sockets()) socket.destroy()
  }
  const open = async (port: number) => {
    listening.listen(port, '127.0.0.1')
    await once(listening, 'listening')
  }

  await open(0)
  const { port } = listening.address() as AddressInfo
  atEnd(() => {
    listening.close()
    cut()
  })
  return {
    url: Object.assign(new URL(target), { host: `127.0.0.1:${port}` }).href,
    cut,
    async refuse() {
      const closed = once(listening, 'close')
      listening.close()
      cut()
      await closed
    },
    freeze() {
      frozen = true
      for (const socket of sockets()) socket.pause()
    },
    async resume() {
      frozen = false
      for (const socket of sockets()) socket.resume()
      if (!listening.listening) await open(port)
    },
    breakAtCommit,
  }
}

type Pass = (link: Link, bytes: Buffer) => void

function linked(client: Socket, server: Socket, wire: Wire, pass: Pass): Link {
  const link: Link = { client, server, wire, statements: [], deaf: false, forgotten: false }
  client.on('data', (bytes) => pass(link, bytes))
  server.on('data', (bytes) => {
    wire.answered(bytes)
    if (link.deaf) client.destroy()
    else client.write(bytes)
  })
  client.on('close', () => link.forgotten || server.destroy())
  server.on('close', () => client.destroy())
  for (const socket of [client, server]) socket.on('error', () => {})
  return link
}

/** Passes on what clients say, but for the COMMIT that something is to happen to. */
function breaker() {
  let plan: { fate: Fate; beginning: string; happened: () => void } | undefined
  let late: { link: Link; bytes: Buffer; first: string } | undefined

  function pass(link: Link, bytes: Buffer): void {
    const statements = link.wire.said(bytes)
    link.statements.push(...statements)
    const transaction = statements.includes('COMMIT') ? link.statements.splice(0) : []
    const beginning = plan?.beginning ?? ''
    if (plan && transaction.some((one) => one.startsWith(beginning))) {
      const first = transaction.find((one) => one.startsWith('INSERT')) ?? ''
      if (plan.fate === 'late') late = { link, bytes, first }
      breakOff(link, bytes, plan.fate)
      plan.happened()
      plan = undefined
      return
    }
    link.server.write(bytes)
    if (!late || !statements.includes(late.first)) return
    late.link.server.end(late.bytes)
    late = undefined
  }

  return {
    pass,
    breakAtCommit(fate: Fate, beginning: string): Promise<void> {
      const { promise, resolve: happened } = Promise.withResolvers<void>()
      plan = { fate, beginning, happened }
      return promise
    },
  }
}

function breakOff(link: Link, commit: Buffer, fate: Fate): void {
  link.deaf = fate === 'unheard'
  link.forgotten = fate === 'forgotten' || fate === 'late'
  if (link.deaf) link.server.write(commit)
  else link.client.destroy()
}
