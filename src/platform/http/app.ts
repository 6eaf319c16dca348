import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import type { NewId } from '../id.ts'
import type { Log } from '../log.ts'
import { refusalOf, sendProblem } from './answer.ts'

type Deps = { log: Log; newId: NewId; routers: RequestHandler[] }

/** Puts the routers in order between what every request gets and what nobody answered. */
export function createApp({ log, newId, routers }: Deps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use((_request, response, next) => {
    response.locals.requestId = newId('req')
    next()
  })
  for (const router of routers) app.use(router)
  app.use((request, response) => {
    sendProblem(response, { code: 'not_found', detail: `There is nothing at ${request.path}.` })
  })
  app.use(answerErrors(log))
  return app
}

function answerErrors(log: Log): ErrorRequestHandler {
  return (error, _request, response, _next) => {
    const refusal = refusalOf(error, log, response.locals.requestId)
    if (response.headersSent) response.destroy()
    else sendProblem(response, refusal)
  }
}
