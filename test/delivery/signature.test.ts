import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { signedHeaders } from '../../src/delivery/signature.ts'
import { newSecret, newSigning } from '../../src/party/secret.ts'
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

describe('a signature with a key pair', () => {
  const body = '{"type":"payment.received","data":{"amount":"55.00"}}'

  it('is ed25519 over id, time and body, for who has only the public key', () => {
    const { secret: own, publicKey } = newSigning('v1a')
    const headers = signedHeaders([own], { id, body, now: now() })
    expect(headers['webhook-signature']).toMatch(/^v1a,[A-Za-z0-9+/]{86}==$/)
    expect(isGood(body, headers, `${publicKey}`)).toBe(true)
    expect(isGood(`${body} `, headers, `${publicKey}`)).toBe(false)
    expect(isGood(body, { ...headers, 'webhook-id': 'evt_2' }, `${publicKey}`)).toBe(false)
    expect(isGood(body, { ...headers, 'webhook-timestamp': '1' }, `${publicKey}`)).toBe(false)
    expect(isGood(body, headers, `${newSigning('v1a').publicKey}`)).toBe(false)
  })

  it('is one for each key while two are good', () => {
    const [young, old] = [newSigning('v1a'), newSigning('v1a')]
    const headers = signedHeaders([young.secret, old.secret], { id, body, now: now() })
    for (const { publicKey } of [young, old]) {
      expect(isGood(body, headers, `${publicKey}`)).toBe(true)
    }
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2)
  })

  it('is what the server of the reference signs with the same key', () => {
    const seed = '6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMb'
    const key = `${seed}fVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==`
    const example = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' }
    const headers = signedHeaders([`whsk_${key}`], { ...example, now: 1_614_265_330_999 })
    const signature =
      'hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=='
    expect(headers['webhook-signature']).toBe(`v1a,${signature}`)
    const publicKey = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='
    expect(isGood(example.body, headers, publicKey)).toBe(true)
  })

  it('has a pair of 32 and 64 bytes, the public one at the end of the private one', () => {
    const { secret: own, publicKey } = newSigning('v1a')
    const [privateBytes, publicBytes] = [own.slice(5), `${publicKey}`.slice(5)].map((text) =>
      Buffer.from(text, 'base64'),
    )
    expect([own.slice(0, 5), publicKey?.slice(0, 5)]).toEqual(['whsk_', 'whpk_'])
    expect([privateBytes?.length, publicBytes?.length]).toEqual([64, 32])
    expect(privateBytes?.subarray(32)).toEqual(publicBytes)
  })
})

/** As the specification says it, by Node's own library, of any of the signatures. */
function isGood(body: string, headers: Record<string, string>, publicKey: string): boolean {
  const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  return `${headers['webhook-signature']}`
    .split(' ')
    .map((one) => Buffer.from(one.replace('v1a,', ''), 'base64'))
    .some((one) => verify(null, Buffer.from(signed), key, one))
}

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
