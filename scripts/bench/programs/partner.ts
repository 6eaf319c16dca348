/** A partner that takes every webhook at once, and tells when it has heard so many of them. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hearing } from './hearing.ts'

const heard = hearing()

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(204).end()
    heard(`${request.headers['webhook-id']}`)
  })
})
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/payments`)
})
