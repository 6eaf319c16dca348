import { createHash, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { expectBooksToBalance } from '../support/books.ts'
import { numbered } from '../support/event.ts'
import { everything, type Json, type Operator } from '../support/http.ts'
import { inParallel } from '../support/parallel.ts'
import { query } from '../support/place.ts'
import type { LogLine } from '../support/program.ts'
import { until } from '../support/until.ts'
import type { Told } from './banks.ts'
import { type Campaign, runCampaign } from './campaign.ts'
import { strictAccounts } from './partners.ts'

const seed = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31))

/** A few will do beside all the other tests on servers, where each takes longer. */
const kills = Number(process.env.CRASH_KILLS ?? (globalThis.databaseServer ? 8 : 20))

const timeLimitMs = 120_000 + kills * 8000

let campaign: Campaign
let api: Operator

/** What the API shows in the end; the payments each with its transfer and its deliveries. */
let payments: Json[]
let proofs: Json[]
let paymentById: Map<string, Json>
let proofByKey: Map<string, Json>

beforeAll(async () => {
  say(`CRASH_SEED=${seed} CRASH_KILLS=${kills}`)
  const began = performance.now()
  campaign = await runCampaign(seed, kills)
  api = campaign.api
  await until('everything is delivered', allDelivered, 60_000)
  const spooled = 'SELECT proof_id FROM spool LIMIT 1'
  const allArchived = async () => (await query(campaign.giro.place, spooled)).length === 0
  await until('everything is archived', allArchived, 60_000)
  const seconds = Math.round((performance.now() - began) / 1000)

  const listed = await everything(api, '/payments')
  payments = await inParallel(listed, 16, async ({ id }) => (await api.get(`/payments/${id}`)).json)
  proofs = await everything(api, '/proofs')
  paymentById = new Map(payments.map((payment) => [payment.id, payment]))
  proofByKey = new Map(proofs.map((proof) => [proof.proof_key, proof]))
  const { banks, partners, killed } = campaign
  const facts = [banks.told.length, banks.acknowledged(), payments.length, partners.heard().length]
  say(`notices, acknowledged, payments, webhooks: ${facts.join(', ')}`)
  const counts = Object.entries(killed).map(([kind, count]) => `${count} ${kind}`)
  say(`killed: ${counts.join(', ')}; ${seconds} s; CRASH_SEED=${seed} CRASH_KILLS=${kills}`)
}, timeLimitMs)

/** Standard error, since the figures of a run are wanted where its tests pass as well. */
function say(what: string): void {
  process.stderr.write(`crash on ${campaignOn()}: ${what}\n`)
}

function campaignOn(): string {
  return new URL(globalThis.databaseServer ?? 'sqlite:').protocol.slice(0, -1)
}

/** A lane that failed too often rests for minutes, which an operator does not wait for. */
async function allDelivered(): Promise<boolean> {
  const open = (await api.get('/payments?status=received&limit=1')).json.data
  const resting = (await everything(api, '/partners')).flatMap(({ account_id, routes }) =>
    routes
      .filter(({ lane }: Json) => lane.state === 'open')
      .map(({ id }: Json) => `/partners/${account_id}/routes/${id}/resume`),
  )
  for (const path of resting) await api.act(path)
  return open.length === 0
}

function acknowledged(): (Told & { acknowledged: NonNullable<Told['acknowledged']> })[] {
  return campaign.banks.told.flatMap((one) => {
    const { acknowledged } = one
    return acknowledged ? [{ ...one, acknowledged }] : []
  })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

describe('after many crashes, at the banks', () => {
  it('no bank was ever told anything but 201 or 503, and a repeat got the same bytes', () => {
    expect(campaign.banks.surprises).toEqual([])
  })

  it('every notice with a key was acknowledged, and there were many', () => {
    const open = campaign.banks.told.filter(
      ({ key, acknowledged }) => key !== null && !acknowledged,
    )
    expect(open).toEqual([])
    expect(acknowledged().length).toBeGreaterThanOrEqual(kills)
  })

  it('every acknowledged notice has its payment as it was acknowledged, and its proof', async () => {
    for (const { body, cents, account, acknowledged: one } of acknowledged()) {
      const amount = `${Math.floor(cents / 100)}.${`${cents % 100}`.padStart(2, '0')}`
      const { status: _, ...taken } = one.payment as Json
      const payment = paymentById.get(one.payment.id)
      expect(payment).toMatchObject({ ...taken, amount, account_number: account })
      expect(proofByKey.get(payment.proof_key).sha256).toBe(sha256(body))
    }
  })
})

describe('after many crashes, in the database and in the archive', () => {
  it('every notice is kept whole, whether or not it was acknowledged, or not at all', () => {
    for (const { amount, account_number, transfer, deliveries, status } of payments) {
      expect(status).toBe('notified')
      expect(transfer).toMatchObject({ amount, currency: 'USD' })
      expect(transfer.credit_account).toContain(account_number)
      expect(deliveries).toMatchObject([{ status: 'delivered' }])
    }
    const accepted = proofs.filter(({ outcome }) => outcome === 'accepted')
    const keys = (all: Json[]) => all.map(({ proof_key }) => proof_key).toSorted()
    expect(keys(accepted)).toEqual(keys(payments))
    const others = proofs.filter(({ outcome }) => outcome !== 'accepted')
    expect(others.filter(({ outcome }) => outcome !== 'duplicate')).toEqual([])
  })

  it('every proof is archived, byte for byte as the bank sent it, and can be read', async () => {
    const sent = new Map(campaign.banks.told.map(({ body }) => [sha256(body), body]))
    const contents = await inParallel(proofs, 16, async ({ id }) => {
      return (await api.get(`/proofs/${id}/content`)).bytes.toString()
    })
    for (const [i, { sha256: hash, proof_key }] of proofs.entries()) {
      const file = join(campaign.giro.dataDir, 'proofs', proof_key)
      expect(readFileSync(file, 'utf8')).toBe(sent.get(hash))
      expect(contents[i]).toBe(sent.get(hash))
    }
  })
})

describe('after many crashes, over all', () => {
  it('every payment reached its partner at least once, always in the same bytes', () => {
    const heard = Map.groupBy(campaign.partners.heard(), ({ id }) => id)
    for (const { id, account_number } of payments) {
      const webhooks = heard.get(id) ?? []
      expect({ id, heard: webhooks.length > 0 }).toEqual({ id, heard: true })
      expect(new Set(webhooks.map(({ body }) => body)).size).toBe(1)
      expect(new Set(webhooks.map(({ webhookId }) => webhookId)).size).toBe(1)
      expect(webhooks[0]?.account).toBe(account_number)
    }
  })

  it('each strict route told its payments first in their order, one or more of each', async () => {
    const received = `SELECT subject FROM ${numbered} WHERE type = 'payment.received' ORDER BY seq`
    const rows = await query(campaign.giro.place, received)
    const inOrder = rows.map(({ subject }) => subject)
    for (const account of strictAccounts) {
      const own = new Set(
        payments.filter((one) => one.account_number === account).map(({ id }) => id),
      )
      const heard = campaign.partners.heard().filter((one) => one.account === account)
      const firsts = [...new Set(heard.map(({ id }) => id))]
      expect(firsts).toEqual(inOrder.filter((id) => own.has(id)))
      expect(firsts.length).toBeGreaterThan(0)
    }
  })

  it('no partner was told of a payment that is not there, nor heard a bad signature', () => {
    expect(campaign.partners.forged).toEqual([])
    const known = new Set(payments.map(({ id }) => id))
    expect(campaign.partners.heard().filter(({ id }) => !known.has(id))).toEqual([])
  })

  it('no notice was booked twice, and none that was not sent', () => {
    const booked = payments.map(({ proof_key }) => proofByKey.get(proof_key).sha256)
    expect(new Set(booked).size).toBe(booked.length)
    const sent = new Set(campaign.banks.told.map(({ body }) => sha256(body)))
    expect(booked.filter((hash) => !sent.has(hash))).toEqual([])
  })

  it('the books balance, and each partner has the sum of its payments', async () => {
    await expectBooksToBalance(campaign.giro)
    expect((await campaign.giro.manage('books')).code).toBe(0)
    const centsOf = new Map(campaign.banks.told.map(({ body, cents }) => [sha256(body), cents]))
    const accounts = await everything(api, '/accounts')
    for (const account of campaign.partners.accounts) {
      const own = payments.filter((one) => one.account_number === account)
      const cents = own.map(({ proof_key }) => centsOf.get(proofByKey.get(proof_key).sha256) ?? 0)
      const sum = cents.reduce((total, one) => total + one, 0)
      const { balance } = accounts.find(({ id }) => id.includes(`:${account}:`))
      expect(balance.replace('.', '')).toBe(`${sum}`)
    }
  })

  it('no program found a fault in what the one before it left', () => {
    const faults = campaign.programs.flatMap((one) => one.logs().filter(isFault))
    expect(faults).toEqual([])
  })
})

/** While the server of the database is dead, its clients say so, and nothing else. */
function isFault({ level, err, msg }: LogLine): boolean {
  if (Number(level) < 50) return false
  if (campaign.killed.database === 0) return true
  const { type } = Object(err) as { type?: string }
  return (
    !/^(DatabaseUnavailable|ConnectionLost|CommitUnknown)$/.test(type ?? '') &&
    msg !== 'the database could not be watched'
  )
}
