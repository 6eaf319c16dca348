/**
 * The least an Express application can do with a notice: read its body, answer as long as Giro.
 * With two databases it also makes one bare commit before each answer: a payment's rows, as the
 * first database has them, into the second.
 */
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import { openBare } from '../rivals.ts'

const [length, databaseUrl, bareUrl] = process.argv.slice(2)
const answer = 'x'.repeat(Number(length))
const before: RequestHandler[] = [express.raw({ type: 'application/json' })]
if (databaseUrl && bareUrl) {
  const { once } = await openBare(databaseUrl, bareUrl)
  before.push((_request, _response, next) => void once().then(() => next(), next))
}

const app = express()
app.post('/africa_bank', ...before, (_request, response) => {
  response.status(201).type('application/json').send(answer)
})
const server = app.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
