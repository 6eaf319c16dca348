import { createHash, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { expectBooksToBalance } from '../support/books.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { everything, type Json } from '../support/http.ts'
import { inParallel } from '../support/parallel.ts'
import { query } from '../support/place.ts'
import { freePort } from '../support/port.ts'
import { type Program, startManage } from '../support/program.ts'
import { type Chance, seeded } from '../support/seeded.ts'
import { until } from '../support/until.ts'
import { type Banks, openBanks, type Told } from './banks.ts'
import { openPartners } from './partners.ts'

const seed = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31))
const kills = Number(process.env.CRASH_KILLS ?? 20)

const timeLimitMs = 60_000 + kills * 2000

/** Notices between two kills. They end the wait for the moment of the next one. */
const noticesPerKill = 50

const manyQuickTries = ['0', ...Array<string>(100).fill('0.05')].join(',')

let giro: Giro
let banks: Banks
let partners: Awaited<ReturnType<typeof openPartners>>
let serving: Serving
let processor: Program
const programs: Program[] = []

/** What the API shows in the end. */
let payments: Json[]
let proofByKey: Map<string, Json>

async function serve(): Promise<void> {
  serving = await giro.serve()
  programs.push(serving)
  banks?.setUp(true)
}

async function deliver(): Promise<void> {
  processor = await giro.processor()
  programs.push(processor)
}

const parts = {
  serve: {
    start: serve,
    async kill() {
      banks.setUp(false)
      await serving.end('SIGKILL')
    },
    command: 'serve',
  },
  processor: {
    start: deliver,
    kill: () => processor.end('SIGKILL'),
    command: 'run-payment-processor',
  },
}

type Part = keyof typeof parts

/** Kills while the banks send; now and then a second time, while the program starts again. */
async function killOnce(chance: Chance): Promise<void> {
  const target = chance.oneOf<Part[]>([['serve'], ['processor'], ['serve', 'processor']])
  const enough = banks.acknowledged() + chance.between(1, noticesPerKill / 2)
  banks.allow(noticesPerKill)
  await until('the banks are at work', () => banks.acknowledged() >= enough, 20_000)
  await until('a moment', moment(chance.between(0, 40)))
  await Promise.all(target.map((part) => parts[part].kill()))
  await Promise.all(target.map((part) => startAgain(part, chance)))
}

async function startAgain(part: Part, chance: Chance): Promise<void> {
  if (chance.happens(0.2)) {
    const unlucky = startManage([parts[part].command], giro.settings)
    await until('a moment of its start', moment(chance.between(100, 600)))
    await unlucky.end('SIGKILL')
  }
  await parts[part].start()
}

function moment(ms: number): () => boolean {
  const at = performance.now() + ms
  return () => performance.now() >= at
}

beforeAll(async () => {
  process.stderr.write(`crash: CRASH_SEED=${seed} CRASH_KILLS=${kills}\n`)
  giro = await openGiro({
    PORT: `${await freePort()}`,
    DELIVERY_SCHEDULE: manyQuickTries,
    DELIVERY_TIMEOUT: '0.3',
    DELIVERY_LEASE: '0.6',
  })
  await serve()
  await registerSampleParties(serving.api)
  partners = await openPartners(serving.api, seed)
  banks = openBanks(serving.url, partners.accounts, seed)
  banks.setUp(true)
  await deliver()

  const chance = seeded(seed)
  for (let count = 0; count < kills; count += 1) await killOnce(chance)
  await banks.finish()
  await until('everything is delivered', isEmpty('/payments?status=received'), 20_000)
  const spooled = 'SELECT proof_id FROM spool LIMIT 1'
  const allArchived = async () => (await query(giro.place, spooled)).length === 0
  await until('everything is archived', allArchived)

  payments = await everything(serving.api, '/payments')
  const proofs = await everything(serving.api, '/proofs')
  proofByKey = new Map(proofs.map((proof) => [proof.proof_key, proof]))
  const { told } = banks
  const facts = [told.length, banks.acknowledged(), payments.length, partners.heard().length]
  process.stderr.write(`crash: notices, acknowledged, payments, webhooks: ${facts.join(', ')}\n`)
}, timeLimitMs)

function isEmpty(path: string): () => Promise<boolean> {
  return async () => (await serving.api.get(`${path}&limit=1`)).json.data.length === 0
}

function acknowledged(): (Told & { acknowledged: NonNullable<Told['acknowledged']> })[] {
  return banks.told.flatMap((one) => {
    const { acknowledged } = one
    return acknowledged ? [{ ...one, acknowledged }] : []
  })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

describe('after many crashes, at the banks', () => {
  it('no bank was ever told anything but 201 or 503, and a repeat got the same bytes', () => {
    expect(banks.surprises).toEqual([])
  })

  it('every notice with a key was acknowledged, and there were many', () => {
    const open = banks.told.filter(({ key, acknowledged }) => key !== null && !acknowledged)
    expect(open).toEqual([])
    expect(acknowledged().length).toBeGreaterThanOrEqual(kills)
  })

  it('every acknowledged notice has its payment, its transfer and its delivery', async () => {
    const wholes = await inParallel(acknowledged(), 16, async ({ acknowledged: { payment } }) => {
      const { json } = await serving.api.get(`/payments/${payment.id}`)
      return json
    })
    for (const [i, { cents, account, acknowledged: one }] of acknowledged().entries()) {
      const amount = `${Math.floor(cents / 100)}.${`${cents % 100}`.padStart(2, '0')}`
      const { status: _, ...taken } = one.payment as Json
      const whole = wholes[i]
      expect(whole).toMatchObject({ ...taken, amount, account_number: account, status: 'notified' })
      expect(whole.transfer).toMatchObject({ amount, currency: 'USD' })
      expect(whole.transfer.credit_account).toContain(account)
      expect(whole.deliveries).toMatchObject([{ status: 'delivered' }])
    }
  })

  it('every acknowledged notice has its proof, byte for byte, also archived', async () => {
    const contents = await inParallel(acknowledged(), 16, async ({ acknowledged: { payment } }) => {
      const proof = proofByKey.get(payment.proof_key)
      return (await serving.api.get(`/proofs/${proof.id}/content`)).bytes.toString()
    })
    for (const [i, { body, acknowledged: one }] of acknowledged().entries()) {
      expect(contents[i]).toBe(body)
      const file = join(giro.dataDir, 'proofs', one.payment.proof_key)
      expect(readFileSync(file, 'utf8')).toBe(body)
    }
  })
})

describe('after many crashes, over all', () => {
  it('every payment reached its partner at least once, always in the same bytes', () => {
    const heard = Map.groupBy(partners.heard(), ({ id }) => id)
    for (const { id, account_number } of payments) {
      const webhooks = heard.get(id) ?? []
      expect({ id, heard: webhooks.length > 0 }).toEqual({ id, heard: true })
      expect(new Set(webhooks.map(({ body }) => body)).size).toBe(1)
      expect(new Set(webhooks.map(({ webhookId }) => webhookId)).size).toBe(1)
      expect(webhooks[0]?.account).toBe(account_number)
    }
  })

  it('no partner was told of a payment that is not there', () => {
    const known = new Set(payments.map(({ id }) => id))
    expect(partners.heard().filter(({ id }) => !known.has(id))).toEqual([])
  })

  it('no notice was booked twice, and none that was not sent', () => {
    const booked = payments.map(({ proof_key }) => proofByKey.get(proof_key).sha256)
    expect(new Set(booked).size).toBe(booked.length)
    const sent = new Set(banks.told.map(({ body }) => sha256(body)))
    expect(booked.filter((hash) => !sent.has(hash))).toEqual([])
  })

  it('the books balance, and each partner has the sum of its payments', async () => {
    await expectBooksToBalance(giro)
    expect((await giro.manage('books')).code).toBe(0)
    const centsOf = new Map(banks.told.map(({ body, cents }) => [sha256(body), cents]))
    const accounts = await everything(serving.api, '/accounts')
    for (const account of partners.accounts) {
      const own = payments.filter((one) => one.account_number === account)
      const cents = own.map(({ proof_key }) => centsOf.get(proofByKey.get(proof_key).sha256) ?? 0)
      const sum = cents.reduce((total, one) => total + one, 0)
      const { balance } = accounts.find(({ id }) => id.includes(`:${account}:`))
      expect(balance.replace('.', '')).toBe(`${sum}`)
    }
  })

  it('no program found a fault in what the one before it left', () => {
    const faults = programs.flatMap((one) => one.logs().filter(({ level }) => Number(level) >= 50))
    expect(faults).toEqual([])
  })
})
