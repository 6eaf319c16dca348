import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import type { NewId } from '../id.ts'
import type { Log } from '../log.ts'
import { type Answering, refusalOf, sendProblem } from './answer.ts'
import { methodNotAllowed } from './mount.ts'

/** Answers a POST to its path; what it throws is answered for it. */
export type Door = (request: IncomingMessage, response: Answering) => Promise<void>

type Deps = {
  log: Log
  newId: NewId
  /** By their paths, which have no parameters. */
  doors?: Map<string, Door>
  routers: RequestHandler[]
}

/**
 * Serves doors and routers. A POST to the very path of a door goes straight there, since Express
 * and its router cost as much as all the rest of HTTP; whatever else is asked, Express finds.
 */
export function createApp({ log, newId, doors = new Map(), routers }: Deps): RequestListener {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  for (const router of [doorRouter(doors), ...routers]) app.use(router)
  app.use((request, response) => {
    sendProblem(response, { code: 'not_found', detail: `There is nothing at ${request.path}.` })
  })
  const answerErrors: ErrorRequestHandler = (error, _request, response, _next) =>
    answerError(error, response, log)
  app.use(answerErrors)

  return (request, bare) => {
    const response = identified(bare, newId('req'))
    const door = request.method === 'POST' ? doors.get(request.url ?? '') : undefined
    if (door) door(request, response).catch((error) => answerError(error, response, log))
    else app(request, response)
  }
}

/** The doors as Express finds them: with a query, or asked for with another method. */
function doorRouter(doors: Map<string, Door>) {
  const router = express.Router({ caseSensitive: true, strict: true })
  for (const [path, door] of doors)
    router
      .route(path)
      .post(door)
      .all(methodNotAllowed(['post']))
  return router
}

/** `locals` is where Express has it, and leaves it where it is. */
function identified(bare: ServerResponse, requestId: string): Answering {
  const response = bare as Answering
  response.locals = { requestId }
  return response
}

function answerError(error: unknown, response: Answering, log: Log): void {
  const refusal = refusalOf(error, log, response.locals.requestId)
  if (response.headersSent) response.destroy()
  else sendProblem(response, refusal)
}
