import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { http } from '../support/http.ts'
import { mayInstallMs, ownServers } from '../support/own-servers.ts'
import { inParallel } from '../support/parallel.ts'
import { expectUnavailable } from '../support/problem.ts'
import type { Program } from '../support/program.ts'
import { type Bucket, openBucket } from '../support/s3.ts'
import { until } from '../support/until.ts'

const servers = ownServers()

/** What a call may take, and the pause that follows it, on a busy machine. */
const patienceMs = 40_000

let giro: Giro
let bucket: Bucket
let serving: Serving
let processor: Program

beforeAll(async () => {
  const server = new URL(await servers.urlFrom('start', 's3'))
  bucket = await openBucket({ server })
  giro = await openGiro({ PROOF_STORE: bucket.store(), ...bucket.credentials })
  serving = await giro.serve()
  processor = await giro.processor()
  await registerSampleParties(serving.api)
}, mayInstallMs)

/** Signals the server, and waits until it is so; its process. */
async function signalServer(signal: NodeJS.Signals, status: string): Promise<number> {
  const pid = await servers.processOf('s3')
  process.kill(pid, signal)
  const said = async () => (await servers.services('status', 's3')).stdout.includes(status)
  await until(`it ${status}`, said)
  return pid
}

let notices = 0
const atOnce = 16

/** Every bank is answered as ever. */
async function hear(count: number): Promise<void> {
  const bodies = Array.from({ length: count }, () => {
    notices += 1
    return notice({ serial: notices })
  })
  for (const { status } of await inParallel(bodies, atOnce, (body) => tell(serving.url, body)))
    expect(status).toBe(201)
}

async function spooled(): Promise<number> {
  const { bytes } = await http(`${serving.url}/metrics`)
  return Number(/^giro_spool_proofs (\d+)$/m.exec(`${bytes}`)?.[1])
}

function ready() {
  return http(`${serving.url}/readyz`)
}

/** The archive is named as what is not ready, and what came since is in the spool and readable. */
async function expectOutage(count: number): Promise<void> {
  const answer = await ready()
  expectUnavailable(answer)
  expect(answer.json.detail).toBe('Not ready: archive.')
  expect(await spooled()).toBe(count)
  const { data } = (await serving.api.get('/proofs?limit=1')).json
  const content = await serving.api.get(`/proofs/${data[0].id}/content`)
  expect(content.status).toBe(200)
  // Of those that are sent at once any may come last.
  expect(content.json.serial).toBeGreaterThan(notices - atOnce)
}

/** All that was ever heard is in the bucket, once, as it was heard. */
async function expectAllKept(): Promise<void> {
  await until('all is archived', async () => (await spooled()) === 0, patienceMs)
  expect((await ready()).status).toBe(200)
  expect(await bucket.keys()).toHaveLength(notices)
  expect(await giro.ask('proof', 'verify')).toMatchObject({
    proofs: notices,
    spooled: 0,
    wrong: [],
  })
}

/** Why the archiver could not go on, as its log says. */
async function saidBy(program: Program, why: RegExp): Promise<void> {
  const reasons = () => program.logs().map(({ err }) => `${(err as Error | undefined)?.message}`)
  const found = () => reasons().some((reason) => why.test(reason))
  await until(() => `${why} in ${reasons().join('\n')}`, found, patienceMs)
}

describe('an archive on S3', () => {
  it('gets every proof, and gives it back', async () => {
    await hear(5)
    await expectAllKept()
    const { data } = (await serving.api.get('/proofs?limit=1')).json
    const content = await serving.api.get(`/proofs/${data[0].id}/content`)
    expect(content.json).toMatchObject({ serial: expect.any(Number) })
    const { Metadata } = await bucket.head(`proofs/${data[0].proof_key}`)
    expect(Metadata).toMatchObject({
      id: data[0].id,
      bank: 'africa_bank',
      sha256: data[0].sha256,
      'received-date': data[0].received_date,
    })
  })

  it('that is down lets the spool grow, and gets everything when it is back', async () => {
    await signalServer('SIGKILL', 'ended')
    await hear(20)
    await saidBy(processor, /^The archive s3:\S+ at http:\S+ cannot be reached \(ECONNREFUSED\)\./)
    await expectOutage(20)
    const archived = (await serving.api.get('/proofs?limit=50')).json.data.at(-1)
    expectUnavailable(await serving.api.get(`/proofs/${archived.id}/content`))
    const { code, stderr } = await giro.manage('proof', 'verify')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^The archive s3:\S+ at http:\S+ cannot be reached \(ECONNREFUSED\)\.\n$/,
    )
    await servers.urlFrom('restart', 's3')
    await expectAllKept()
  }, 120_000)

  it('that hangs does the same, and keeps nobody from stopping', async () => {
    const pid = await signalServer('SIGSTOP', 'does not answer')
    await hear(20)
    await saidBy(processor, /^The archive s3:\S+ at http:\S+ did not answer within 15 s\./)
    await expectOutage(20)
    expect(await processor.end()).toEqual({ code: 0, signal: null })
    processor = await giro.processor()
    process.kill(pid, 'SIGCONT')
    await expectAllKept()
  }, 180_000)

  it('gets all proofs of a payment processor that is killed while it moves them', async () => {
    await processor.end()
    await hear(400)
    for (const part of [1, 2]) {
      const before = (await bucket.keys()).length
      processor = await giro.processor()
      const begun = async () => (await bucket.keys()).length > before
      await until(`it moves some, part ${part}`, begun, patienceMs)
      await processor.end('SIGKILL')
      if (part === 1) expect(await spooled()).toBeGreaterThan(0)
    }
    processor = await giro.processor()
    await expectAllKept()
  }, 120_000)

  it('that does not know us is an outage too, until the credentials are right', async () => {
    await processor.end()
    await hear(3)
    processor = await giro.processor({ AWS_SECRET_ACCESS_KEY: 'wrong' })
    await saidBy(processor, /^The archive \S+ at \S+ has no valid credentials \(SignatureDoes/)
    expect(await spooled()).toBe(3)
    await processor.end()
    processor = await giro.processor()
    await expectAllKept()
  }, 120_000)

  it.each([
    [
      'the bucket is missing',
      { PROOF_STORE: 's3://nobody-made-this' },
      /^There is no bucket nobody/,
    ],
    ['the secret is wrong', { AWS_SECRET_ACCESS_KEY: 'x' }, /has no valid credentials \(Signature/],
    ['nobody knows the key', { AWS_ACCESS_KEY_ID: 'x' }, /has no valid credentials \(InvalidAcc/],
  ])('says to a command in one sentence that %s', async (_, change, sentence) => {
    const endpoint = new URL(bucket.store()).search
    const PROOF_STORE =
      'PROOF_STORE' in change ? `${change.PROOF_STORE}${endpoint}` : bucket.store()
    const command = giro.start(['proof', 'verify'], { ...change, PROOF_STORE })
    expect(await command.exited).toMatchObject({ code: 1 })
    expect(command.lines).toEqual([expect.stringMatching(sentence)])
  })
})
