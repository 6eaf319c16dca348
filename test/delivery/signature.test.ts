import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { signedHeaders } from '../../src/delivery/signature.ts'
import { newSecret } from '../../src/party/party.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { secret } from '../support/message.ts'

const id = 'evt_01M7YXPN6GZQCMGP4P7P'

/** The official library takes only what was signed within five minutes of its own clock. */
const now = () => systemClock.now()

describe('the signature', () => {
  it('is good in the eyes of the official library, whatever the body', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const own = newSecret()
        const body = JSON.stringify(value)
        const headers = signedHeaders([own], { id, body, now: now() })
        expect(new Webhook(own).verify(body, headers)).toEqual(JSON.parse(body))
      }),
    )
  })

  it('is bad when any byte of the body was changed', () => {
    const body = '{"type":"payment.received","data":{"amount":"55.00"}}'
    const headers = signedHeaders([secret], { id, body, now: now() })
    for (let i = 0; i < body.length; i += 1) {
      const forged = Buffer.from(body)
      forged[i] = (forged[i] ?? 0) ^ 1
      expect(() => new Webhook(secret).verify(forged, headers)).toThrow('No matching signature')
    }
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow('No matching signature')
  })

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])(
    'is bad when %s was changed',
    (name) => {
      const body = '{}'
      const headers = signedHeaders([secret], { id, body, now: now() })
      const value = headers[name] ?? ''
      for (let i = 0; i < value.length; i += 1) {
        const other = value[i] === '1' ? '2' : '1'
        const forged = { ...headers, [name]: value.slice(0, i) + other + value.slice(i + 1) }
        expect(() => new Webhook(secret).verify(body, forged)).toThrow()
      }
      const { [name]: _, ...lacking } = headers
      expect(() => new Webhook(secret).verify(body, lacking)).toThrow('Missing required headers')
    },
  )

  it('is bad for another secret', () => {
    const headers = signedHeaders([newSecret()], { id, body: '{}', now: now() })
    expect(() => new Webhook(secret).verify('{}', headers)).toThrow('No matching signature')
  })

  it('is one for each secret, newest first, and good for each in the eyes of the library', () => {
    const secrets = [newSecret(), newSecret(), secret]
    const headers = signedHeaders(secrets, { id, body: '{"a":1}', now: now() })
    const alone = secrets.map((one) => signedHeaders([one], { id, body: '{"a":1}', now: now() }))
    const signatures = headers['webhook-signature']?.split(' ')
    expect(signatures).toEqual(alone.map((one) => one['webhook-signature']))
    for (const one of secrets) expect(new Webhook(one).verify('{"a":1}', headers)).toEqual({ a: 1 })
    expect(() => new Webhook(newSecret()).verify('{"a":1}', headers)).toThrow('No matching')
  })

  it('is as the specification has it in its example', () => {
    const body = '{"test": 2432232314}'
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body, now: 1_614_265_330_999 }
    expect(signedHeaders([secret], message)).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })
})

describe('a secret', () => {
  it('is 32 random bytes in the form that Standard Webhooks has for them', () => {
    const made = new Set(Array.from({ length: 100 }, newSecret))
    expect(made.size).toBe(100)
    for (const one of made) {
      expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
      expect(Buffer.from(one.slice(6), 'base64')).toHaveLength(32)
    }
  })
})
