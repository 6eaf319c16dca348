import { describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { createApp, operationsRouter } from '../../../src/platform/http/index.ts'
import { Gauge } from '../../../src/platform/metric.ts'
import { http } from '../../support/http.ts'
import { listeningHttp } from '../../support/listening.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { quietLog } from '../../support/quiet-log.ts'

type Given = { checks?: Record<string, () => Promise<unknown>>; metricsToken?: string }

/** The remote address is what the socket says, unless a test pretends another. */
async function operations({ checks = {}, metricsToken }: Given = {}, remoteAddress?: string) {
  const { log, lines } = quietLog()
  const metrics = new Registry()
  new Gauge({ name: 'giro_test', help: 'a test', registers: [metrics] }).set(7)
  const { contentType } = metrics
  const router = operationsRouter({
    checks,
    metrics: { contentType, print: () => metrics.metrics() },
    metricsToken: metricsToken ?? null,
    log,
  })
  const app = createApp({ log, newId: manualClock().newId, routers: [router] })
  const url = await listeningHttp((request, response) => {
    if (remoteAddress)
      Object.defineProperty(request.socket, 'remoteAddress', { value: remoteAddress })
    app(request, response)
  })
  const get = (path: string, authorization?: string) =>
    http(`${url}${path}`, authorization === undefined ? {} : { headers: { authorization } })
  return { get, lines, url }
}

const fine = async () => 'fine'
const broken = () => Promise.reject(new Error('disk /dev/sda1 is full'))

describe('/healthz', () => {
  it('is 200 while the process lives, whatever its parts do', async () => {
    const { get } = await operations({ checks: { database: broken } })
    expect((await get('/healthz')).status).toBe(200)
  })
})

describe('/readyz', () => {
  it('is 200 when every part can do its work', async () => {
    const { get } = await operations({ checks: { database: fine, archive: fine } })
    expect((await get('/readyz')).status).toBe(200)
  })

  it('is 503 and names the parts that cannot, but not why; the log does', async () => {
    const { get, lines } = await operations({ checks: { database: broken, archive: fine } })
    const { status, json } = await get('/readyz')
    expect({ status, code: json.code }).toEqual({ status: 503, code: 'unavailable' })
    expect(json.detail).toContain('database')
    expect(json.detail).not.toMatch(/archive|sda1/)
    expect(JSON.stringify(lines)).toContain('sda1')
  })
})

describe('/metrics', () => {
  it('is there for whoever is on this machine when no token is set', async () => {
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::1']) {
      const { get } = await operations({}, address)
      const { status, bytes, headers } = await get('/metrics')
      expect([status, headers['content-type']]).toEqual([
        200,
        expect.stringMatching(/^text\/plain/),
      ])
      expect(`${bytes}`).toContain('giro_test 7')
    }
  })

  it('is there for nobody else', async () => {
    for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '2001:db8::127']) {
      const { get } = await operations({}, address)
      expect((await get('/metrics')).status).toBe(401)
    }
  })

  it('asks for the token once there is one, on this machine too', async () => {
    const { get } = await operations({ metricsToken: 'hush' })
    expect((await get('/metrics')).status).toBe(401)
    expect((await get('/metrics', 'Bearer other')).status).toBe(401)
    expect((await get('/metrics', 'Bearer hush')).status).toBe(200)
  })
})

describe('what machines ask', () => {
  it.each(['/healthz', '/readyz', '/metrics'])('takes nothing at %s', async (path) => {
    const { url } = await operations()
    const { status, headers } = await http(`${url}${path}`, { method: 'POST' })
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
  })
})
