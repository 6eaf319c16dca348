import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { paymentIn } from '../support/delivery.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import { runManage } from '../support/program.ts'
import { scriptedMailServer } from '../support/scripted-mail.ts'

let giro: Giro
let serving: Serving
let server: Awaited<ReturnType<typeof scriptedMailServer>>

beforeAll(async () => {
  server = await scriptedMailServer({})
  giro = await openGiro({ SMTP_URL: server.url, DELIVERY_SCHEDULE: '0,0.1,0.1' })
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  await addRoute(serving.api, 'books@partner.example', { method: 'email' })
})

/** Has a payment told while the mail server says so to its recipient; its delivery at the end. */
async function deliveryWith(reply: string | undefined, status: string) {
  if (reply === undefined) delete server.said['RCPT TO']
  else server.said['RCPT TO'] = reply
  const { json } = await tell(serving.url, notice({ note: reply }))
  await paymentIn(serving.api, json.id, status)
  const { data } = (await serving.api.get('/deliveries?limit=1')).json
  return (await serving.api.get(`/deliveries/${data[0].id}`)).json
}

describe('an e-mail whose recipient the mail server refuses', () => {
  it('has failed at once with the words of the server, where that is for good', async () => {
    await giro.processor()
    const delivery = await deliveryWith('550 5.1.1 no such user', 'failed')
    expect(delivery).toMatchObject({ status: 'failed', attempt_count: 1 })
    expect(delivery.attempts).toMatchObject([
      { status: 550, answer: '550 5.1.1 no such user', error: expect.stringContaining('no such') },
    ])
  })

  it('is tried again by the schedule where it is not', async () => {
    const delivery = await deliveryWith('451 4.2.1 greylisted', 'failed')
    expect(delivery).toMatchObject({ status: 'failed', attempt_count: 3 })
    expect(delivery.attempts).toHaveLength(3)
  })

  it('is delivered when it is taken', async () => {
    expect(await deliveryWith(undefined, 'notified')).toMatchObject({ status: 'delivered' })
  })
})

describe('a payment processor with wrong settings for DKIM', () => {
  it.each([
    [
      { DKIM_DOMAIN: 'bank.example' },
      'DKIM_DOMAIN, DKIM_SELECTOR and DKIM_KEY must be set together.',
    ],
    [
      { DKIM_DOMAIN: 'bank.example', DKIM_SELECTOR: 'giro', DKIM_KEY: '/nowhere/dkim.pem' },
      'DKIM_KEY /nowhere/dkim.pem cannot be read (ENOENT).',
    ],
  ])('does not start, and says why in one sentence: %j', async (settings, sentence) => {
    const given = { ...giro.settings, ...settings }
    const { code, stderr } = await runManage(['run-payment-processor'], given)
    expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)])
  })
})
