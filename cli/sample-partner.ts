import type { RequestListener } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { type Environment, loadSettings, settings } from '../src/platform/config/index.ts'
import { httpServer } from '../src/platform/http/index.ts'
import type { Log } from '../src/platform/log.ts'
import type { Service } from '../src/platform/service.ts'
import { samplePartnerSecret } from './sample-data.ts'

type Payment = { id: string; amount: string; currency: string; reference_number: string }

/** Of `giro.test`, the event that a route is tried with, there is no payment. */
type Told = { type: string; data: { payment?: Payment } }

/** What a partner has to do: verify the signature over the bytes that came, then answer 2xx. */
export function samplePartner(environment: Environment, log: Log): Service {
  const { dataDir, samplePartnerPort } = loadSettings(settings, environment)
  const webhook = new Webhook(samplePartnerSecret(dataDir))

  const listener: RequestListener = async (request, response) => {
    const body = await buffer(request)
    try {
      const event = webhook.verify(body, request.headers as Record<string, string>)
      log.info(heard(event as Told), 'sample partner: signature verified')
      response.writeHead(204).end()
    } catch (error) {
      log.warn({ reason: (error as Error).message }, 'sample partner: signature refused')
      response.writeHead(401).end()
    }
  }
  return httpServer(listener, {
    host: '127.0.0.1',
    port: samplePartnerPort,
    portSetting: 'SAMPLE_PARTNER_PORT',
    requestTimeoutMs: 10_000,
    stopTimeoutMs: 2000,
  })
}

function heard({ type, data: { payment } }: Told) {
  if (!payment) return { event: type }
  const { id, amount, currency, reference_number: from } = payment
  return { payment: id, amount, currency, from }
}
