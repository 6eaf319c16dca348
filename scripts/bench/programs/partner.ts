/** A partner that takes every webhook at once, and tells when it has heard so many of them. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Times are of the system's monotonic clock, the same in every process. */
export type Heard = { received: number; distinct: number; firstAt: bigint; lastAt: bigint }

const ids = new Set<string>()
let heard: Heard
let until = Number.POSITIVE_INFINITY
forget()

function forget() {
  ids.clear()
  heard = { received: 0, distinct: 0, firstAt: 0n, lastAt: 0n }
  until = Number.POSITIVE_INFINITY
}

/** Asked for a number, tells once so many different webhooks came; asked for 0, forgets. */
process.on('message', (count: number) => {
  if (count === 0) forget()
  else until = count
  tellWhenHeard()
})

function tellWhenHeard() {
  if (ids.size < until) return
  until = Number.POSITIVE_INFINITY
  process.send?.({ ...heard, distinct: ids.size })
}

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    heard.lastAt = process.hrtime.bigint()
    if (heard.received === 0) heard.firstAt = heard.lastAt
    heard.received += 1
    ids.add(`${request.headers['webhook-id']}`)
    response.writeHead(204).end()
    tellWhenHeard()
  })
})
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/payments`)
})
