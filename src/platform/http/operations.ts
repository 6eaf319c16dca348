import { type Request, type Response, Router } from 'express'
import type { Log } from '../log.ts'
import { sameSecret } from '../secret.ts'
import { send, sendProblem } from './answer.ts'
import { bearerOf, methodNotAllowed } from './mount.ts'

type Deps = {
  /** Each resolves when its part can do its work, and rejects when not. */
  checks: Record<string, () => Promise<unknown>>
  metrics: { contentType: string; print(): Promise<string> }
  metricsToken: string | null
  log: Log
}

/** What the machines around Giro ask: is it alive, is it ready, how is it doing. */
export function operationsRouter({ checks, metrics, metricsToken, log }: Deps): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const only = methodNotAllowed(['get'])

  router
    .route('/healthz')
    .get((_request, response) => json(response, { status: 'ok' }))
    .all(only)
  router
    .route('/readyz')
    .get(async (_request, response) => {
      const failed = await failedOf(checks, log)
      if (failed.length === 0) json(response, { status: 'ready', checks: Object.keys(checks) })
      else
        sendProblem(response, { code: 'unavailable', detail: `Not ready: ${failed.join(', ')}.` })
    })
    .all(only)
  router
    .route('/metrics')
    .get(async (request, response) => {
      if (!mayReadMetrics(request, metricsToken))
        return sendProblem(response, {
          code: 'unauthorized',
          detail: 'Send the METRICS_TOKEN as bearer token, or ask on loopback when none is set.',
        })
      send(response, 200, metrics.contentType, await metrics.print())
    })
    .all(only)
  return router
}

async function failedOf(checks: Deps['checks'], log: Log): Promise<string[]> {
  const results = await Promise.all(
    Object.entries(checks).map(([name, check]) =>
      check().then(
        () => [],
        (error) => {
          log.warn({ err: error, check: name }, 'not ready')
          return [name]
        },
      ),
    ),
  )
  return results.flat()
}

function mayReadMetrics(request: Request, token: string | null): boolean {
  if (token !== null) return sameSecret(bearerOf(request.headers.authorization) ?? '', token)
  return /^(::1|(::ffff:)?127\.)/.test(request.socket.remoteAddress ?? '')
}

function json(response: Response, body: unknown): void {
  send(response, 200, 'application/json', JSON.stringify(body))
}
