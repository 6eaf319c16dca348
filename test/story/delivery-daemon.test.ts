import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import { halfHttp, http } from '../support/http.ts'
import { inTurn, neverAnswers, openPartner, type Partner, says } from '../support/partner.ts'
import { query } from '../support/place.ts'
import { until } from '../support/until.ts'

let giro: Giro
let serving: Serving

beforeAll(async () => {
  giro = await openGiro({
    DELIVERY_SCHEDULE: '0,0.1,0.1,0.1',
    DELIVERY_TIMEOUT: '1',
    DELIVERY_LEASE: '1.5',
  })
  serving = await giro.serve()
  await registerSampleParties(serving.api)
})

/** A new partner with a route, and a way to send payments to it. */
async function openAccount(account: string): Promise<Partner & { pay(): Promise<string> }> {
  const partner = await openPartner()
  await serving.api.post('/partners', { account_id: account, name: account })
  await addRoute(serving.api, partner.url, { account })
  const pay = async () => {
    const answer = await tell(serving.url, firstNotice.replace('partner1', account))
    expect(answer.status).toBe(201)
    return answer.json.id as string
  }
  return { ...partner, pay }
}

describe('a payment processor of its own', () => {
  it('delivers what came before it was started', async () => {
    const partner = await openAccount('early')
    const id = await partner.pay()
    expect((await serving.api.get(`/payments/${id}`)).json.status).toBe('received')
    expect(partner.heard).toEqual([])
    const processor = await giro.processor()
    await paymentIn(serving.api, id, 'notified')
    expect(await processor.end()).toEqual({ code: 0, signal: null })
  })

  it('hears of a payment within 50 ms of its commit in another process', async () => {
    const partner = await openAccount('quick')
    const processor = await giro.processor()
    const delays: number[] = []
    for (let count = 1; count <= 11; count += 1) {
      await partner.pay()
      const answered = performance.now()
      await partner.hears(count)
      delays.push((partner.heard.at(-1)?.time ?? Number.NaN) - answered)
    }
    // The other half is for claiming and sending, on a machine that has other things to do.
    expect(delays.toSorted((a, b) => a - b)[5]).toBeLessThan(100)
    await processor.end()
  })

  it('finishes and records what is under way when it is told to stop', async () => {
    const partner = await openAccount('slow')
    const processor = await giro.processor()
    const asked = Promise.withResolvers<() => void>()
    partner.does((response) => asked.resolve(() => response.writeHead(200).end()))
    const id = await partner.pay()
    const answer = await asked.promise
    const ended = processor.end('SIGTERM')
    await processor.said('stopping')
    answer()
    expect(await ended).toEqual({ code: 0, signal: null })
    expect((await serving.api.get(`/payments/${id}`)).json.status).toBe('notified')
    expect(partner.heard).toHaveLength(1)
  })
})

describe('a payment processor with much to do', () => {
  it('serves other partners while some do not answer', async () => {
    const deaf = await openAccount('deaf')
    const good = await openAccount('good')
    const processor = await giro.processor()
    await paymentIn(serving.api, await deaf.pay(), 'notified')
    deaf.does(neverAnswers)
    const pay = (count: number) => Promise.all(Array.from({ length: count }, () => deaf.pay()))
    const waiting = await pay(7)
    await deaf.hears(1 + 7)
    waiting.push(...(await pay(13)))
    await deaf.hears(1 + 8)
    const id = await good.pay()
    await paymentIn(serving.api, id, 'notified')
    expect(deaf.heard).toHaveLength(1 + 8)
    deaf.does(says(204))
    for (const one of waiting) await paymentIn(serving.api, one, 'notified')
    await processor.end()
  })

  it('has no more attempts under way at once than DELIVERY_CONCURRENCY', async () => {
    const partner = await openAccount('crowd')
    let open = 0
    let most = 0
    partner.does((response) => {
      open += 1
      most = Math.max(most, open)
      setImmediate(() => {
        open -= 1
        response.writeHead(204).end()
      })
    })
    const ids = await Promise.all(Array.from({ length: 12 }, () => partner.pay()))
    const processor = await giro.processor({ DELIVERY_CONCURRENCY: '3' })
    for (const id of ids) await paymentIn(serving.api, id, 'notified')
    expect(partner.heard).toHaveLength(12)
    expect(most).toBeLessThanOrEqual(3)
    await processor.end()
  })
})

describe('a payment processor that dies', () => {
  it('leaves its work to another, once the lease has ended', async () => {
    const partner = await openAccount('orphan')
    partner.does(inTurn(neverAnswers, says(204)))
    const first = await giro.processor()
    const id = await partner.pay()
    await partner.hears(1)
    await first.end('SIGKILL')
    const open = (await serving.api.get(`/payments/${id}`)).json
    expect(open.deliveries[0]).toMatchObject({ status: 'sending', attempts: [] })

    const second = await giro.processor()
    await paymentIn(serving.api, id, 'notified')
    const [once, again] = await partner.hears(2)
    expect(again?.headers['webhook-id']).toBe(once?.headers['webhook-id'])
    expect(again?.body).toEqual(once?.body)
    expect((again?.time ?? 0) - (once?.time ?? 0)).toBeLessThan(4000)
    await second.end()
  })

  it('and comes back late cannot overwrite what another has done', async () => {
    const partner = await openAccount('ghost')
    partner.does(inTurn(neverAnswers, says(204)))
    const first = await giro.processor({ DELIVERY_SCHEDULE: '0' })
    const id = await partner.pay()
    await partner.hears(1)
    // Frozen within a transaction it would keep everybody out of a database in a file.
    const spooled = () => query(giro.place, 'SELECT proof_id FROM spool')
    await until('the archiver is at rest', async () => (await spooled()).length === 0)
    process.kill(first.pid, 'SIGSTOP')
    const second = await giro.processor({ DELIVERY_SCHEDULE: '0' })
    const done = await paymentIn(serving.api, id, 'notified')

    process.kill(first.pid, 'SIGCONT')
    const after = await until('the late attempt is recorded', async () => {
      const { json } = await serving.api.get(`/payments/${id}`)
      return json.deliveries[0].attempts.length === 2 && json
    })
    expect(after).toMatchObject({ status: 'notified', process_error: false })
    expect(after.payment_processed_date).toBe(done.payment_processed_date)
    expect(after.deliveries[0]).toMatchObject({ status: 'delivered' })
    await Promise.all([first.end(), second.end()])
  })
})

describe('two payment processors at once', () => {
  it('share the work, and each payment is told once', async () => {
    const partner = await openAccount('shared')
    // Longer than a busy machine may keep one of them from recording: what is told is told once
    // only as long as its lease lasts.
    const longLease = { DELIVERY_LEASE: '60' }
    const processors = await Promise.all([giro.processor(longLease), giro.processor(longLease)])
    const ids = await Promise.all(Array.from({ length: 60 }, () => partner.pay()))
    for (const id of ids) await paymentIn(serving.api, id, 'notified')
    expect(partner.heard).toHaveLength(60)
    const webhookIds = partner.heard.map(({ headers }) => headers['webhook-id'])
    expect(new Set(webhookIds).size).toBe(60)
    for (const processor of processors) await processor.end()
  })
})

describe('serve', () => {
  it('finishes the notice in hand when it is told to stop, and lets no other in', async () => {
    const second = await giro.serve()
    const head = 'POST /africa_bank HTTP/1.1\r\nHost: giro\r\nContent-Type: application/json\r\n'
    const length = `Content-Length: ${firstNotice.length}\r\n\r\n`
    const finish = await halfHttp(second.url, `${head}${length}${firstNotice}`)
    // An answered request shows that the server has read what was sent before.
    await http(`${second.url}/healthz`)
    const ended = second.end('SIGTERM')
    await second.said('stopping')
    await expect(http(`${second.url}/healthz`)).rejects.toThrow()
    expect(await finish()).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
    expect(await ended).toEqual({ code: 0, signal: null })
  })
})

describe('after all this', () => {
  it('the books balance', async () => {
    await expectBooksToBalance(giro)
  })
})
