export { type Answering, send, sendNothing, sendProblem } from './answer.ts'
export { createApp, type Door } from './app.ts'
export { type BodyLimits, readBody } from './body.ts'
export {
  accepted,
  type Caller,
  created,
  type Endpoint,
  endpoint,
  noContent,
  ok,
  type Scope,
} from './endpoint.ts'
export { bearerOf, contentRefusal, mount } from './mount.ts'
export { operationsRouter } from './operations.ts'
export {
  cursorNumber,
  dateCursor,
  idCursor,
  numberCursor,
  type Page,
  type PageRequest,
  pageOf,
  pageQuery,
  timeQuery,
  toPage,
} from './page.ts'
export { httpServer } from './server.ts'
