/** The least an Express application can do with a notice: read its body, answer as long as Giro. */
import type { AddressInfo } from 'node:net'
import express from 'express'

const answer = 'x'.repeat(Number(process.argv[2]))
const app = express()
app.post('/africa_bank', express.raw({ type: 'application/json' }), (_request, response) => {
  response.status(201).type('application/json').send(answer)
})
const server = app.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
