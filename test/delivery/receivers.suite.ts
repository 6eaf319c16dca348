import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { apiChannel } from '../../src/delivery/index.ts'
import { signedHeaders } from '../../src/delivery/signature.ts'
import { newSigning } from '../../src/party/secret.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { atEnd } from '../support/at-end.ts'
import { temporaryFolder } from '../support/folder.ts'
import { guardFor } from '../support/guard.ts'
import { type Headers, http } from '../support/http.ts'
import { message } from '../support/message.ts'
import { freePort } from '../support/port.ts'
import { installed, onCi, startProgram } from '../support/program.ts'
import { until } from '../support/until.ts'

type Scheme = 'v1' | 'v1a'

/** A sample receiver: what runs it, and how. */
type Sample = {
  name: string
  program: string
  /** Another program that has to be there, where it is not enough that this one is. */
  needs?: string
  args: (port: number) => string[]
  signatures: Scheme[]
}

/** A compiler that has compiled nothing yet takes its time. */
const startLimitMs = 200_000

const toleranceMs = 300_000

const received = 'payment.received'

/** What every sample of a receiver does with what Giro sends, and with what others send. */
export function receiverSuite(sample: Sample): void {
  const { name, program, needs = program, args, signatures } = sample
  const file = installed(program)
  if (file === undefined || installed(needs) === undefined) {
    it(`a receiver in ${name} is not run where there is no ${needs}`, () => {
      expect(onCi).toBe(false)
    })
    return
  }
  describe.each(signatures)(`a receiver in ${name} that verifies %s`, (scheme) => {
    const running = receiver(file, args, scheme)
    itTakes(running)
    itRefuses(running)
  })
}

type Running = ReturnType<typeof receiver>

/** A receiver in a process of its own, with a secret that Giro has too. */
function receiver(file: string, args: Sample['args'], scheme: Scheme) {
  const { secret, publicKey } = newSigning(scheme)
  const inbox = temporaryFolder()
  let url = ''

  beforeAll(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}/giro`
    const settings = { PORT: `${port}`, INBOX: inbox, WEBHOOK_SECRET: publicKey ?? secret }
    const { lines, exited } = startProgram(file, args(port), settings)
    const said = () => `an answer of the receiver; it said:\n${lines.join('\n')}`
    const hasNotEnded = async () => {
      if (await Promise.race([exited, null])) throw new Error(said())
      return false
    }
    const answers = () => http(url).then(({ status }) => status === 405, hasNotEnded)
    await until(said, answers, startLimitMs)
  }, startLimitMs)

  /** Sends as Giro does; what was sent, and the status that came back. */
  async function send(id: string, { secrets = [secret], ageMs = 0, type = received } = {}) {
    const clock = { now: () => systemClock.now() - ageMs }
    const channel = apiChannel({ clock, guard: guardFor(), proxy: null, longestMs: 20_000 })
    atEnd(() => channel.close())
    const said = message(url, { reference_number: 'Zoë "☃" \\ \u2028' })
    const event = { ...said.event, id, type: type as typeof received }
    let body = ''
    const shows = (request: { body: string }) => {
      body = request.body
    }
    const { status, error } = await channel.send({ ...said, event, secrets, shows })
    await channel.close()
    return { body, answer: status ?? error }
  }

  return {
    scheme,
    secret,
    send,
    sent: async (...given: Parameters<typeof send>) => (await send(...given)).answer,
    post: (headers: Headers, body: string) => http(url, { method: 'POST', headers, body }),
    kept: () => readdirSync(inbox).filter((one) => !one.startsWith('.')),
    keptAs: (id: string) => readFileSync(join(inbox, `${id}.json`), 'utf8'),
  }
}

function itTakes({ scheme, secret, send, sent, kept, keptAs }: Running): void {
  it('keeps what Giro sends, byte for byte', async () => {
    const { body, answer } = await send('evt_right')
    expect(answer).toBe(204)
    expect(keptAs('evt_right')).toBe(body)
  })

  it('takes again what came before, and keeps it once', async () => {
    const before = kept().length
    for (let i = 0; i < 3; i += 1) expect(await sent('evt_again')).toBe(204)
    const answers = await Promise.all([1, 2, 3, 4].map(() => sent('evt_at_once')))
    expect(answers).toEqual([204, 204, 204, 204])
    expect(kept()).toHaveLength(before + 2)
  })

  it('takes what is signed with another secret as well, whichever comes first', async () => {
    const others = [newSigning(scheme).secret, newSigning('v1a').secret, newSigning('v1').secret]
    expect(await sent('evt_first', { secrets: [secret, ...others] })).toBe(204)
    expect(await sent('evt_last', { secrets: [...others, secret] })).toBe(204)
    expect(kept()).toEqual(expect.arrayContaining(['evt_first.json', 'evt_last.json']))
  })

  it('takes a type that it does not know, and leaves it alone', async () => {
    const before = kept()
    expect(await sent('evt_test', { type: 'giro.test' })).toBe(204)
    expect(await sent('evt_new', { type: 'payment.imagined' })).toBe(204)
    expect(kept()).toEqual(before)
  })

  it('takes what was signed minutes ago, and refuses what is older or of tomorrow', async () => {
    expect(await sent('evt_slow', { ageMs: toleranceMs - 60_000 })).toBe(204)
    const before = kept()
    expect(await sent('evt_old', { ageMs: toleranceMs + 60_000 })).toBe(401)
    expect(await sent('evt_early', { ageMs: -toleranceMs - 60_000 })).toBe(401)
    expect(kept()).toEqual(before)
  })
}

function itRefuses({ secret, sent, post, kept }: Running): void {
  it('refuses what is signed with another secret, or with none', async () => {
    const before = kept()
    for (const other of ['v1', 'v1a'] as const)
      expect(await sent('evt_other', { secrets: [newSigning(other).secret] })).toBe(401)
    expect(await sent('evt_unsigned', { secrets: [] })).toBe(401)
    expect(kept()).toEqual(before)
  })

  it('refuses whatever was changed on the way', async () => {
    const before = kept()
    const body = '{"type":"payment.received","timestamp":"","data":{"amount":"1"}}'
    const right = signedHeaders([secret], { id: 'evt_1', body, now: systemClock.now() })
    for (const other of [body.replace('1"', '2"'), `${body} `, ''])
      expect([other, (await post(right, other)).status]).toEqual([other, 401])
    for (const change of changed(right)) {
      const { status } = await post({ ...right, ...change }, body)
      expect([change, status]).toEqual([change, 401])
    }
    for (const name of Object.keys(right)) {
      const { [name]: _, ...lacking } = right
      expect([name, (await post(lacking, body)).status]).toEqual([name, 401])
    }
    expect(kept()).toEqual(before)
    expect((await post(right, body)).status).toBe(204)
  })

  it('refuses a body that is too long to be one of Giro’s, and stays', async () => {
    const refused = () => ({ status: 413 })
    const { status } = await post({}, 'x'.repeat(2 * 1024 * 1024)).catch(refused)
    expect(status).toBe(413)
    expect(await sent('evt_after')).toBe(204)
  })
}

/** Headers of which each spoils those that were right. */
function changed(right: Record<string, string>): Headers[] {
  const [signature, time] = [`${right['webhook-signature']}`, Number(right['webhook-timestamp'])]
  const signatures = [
    '',
    'v1',
    'v1,',
    'v1a,',
    'v1a,AAAA v1,AAAA',
    'v1,%%% v1a,%%%',
    signature.slice(0, -8),
    `${signature.slice(0, 6)}xyz${signature.slice(9)}`,
    // Of ed25519, neither a point of its curve nor a number below its order.
    ...[0x02, 0xff].map((byte) => `v1a,${Buffer.alloc(64, byte).toString('base64')}`),
    signature.replace(/^v1a?,/, 'v2,'),
    signature.replace(',', ' '),
  ]
  return [
    ...['evt_2', ''].map((id) => ({ 'webhook-id': id })),
    ...[`${time + 1}`, 'now', '', `${time}.0`].map((text) => ({ 'webhook-timestamp': text })),
    ...signatures.map((text) => ({ 'webhook-signature': text })),
  ]
}
