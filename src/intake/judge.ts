import { append, type NewEvent } from '../event/index.ts'
import type { Route } from '../party/index.ts'
import { type Arrival, type Decision, record } from '../payment/index.ts'
import type { Db } from '../platform/database/index.ts'
import { invariant } from '../platform/invariant.ts'
import { catalogue, type Refusal } from '../platform/problem.ts'
import { rounds } from '../platform/rounds.ts'
import type { Tools } from '../platform/tools.ts'
import { keep, type Original, type Outcome } from '../proof/index.ts'
import type { Bank, BankAnswer, Read } from './bank.ts'
import * as store from './store.ts'

/** An authenticated notice that arrived whole. `paymentIds` has one id for each reading. */
export type Heard = {
  bank: Bank
  original: Original
  read: Read
  idempotencyKey: string | null
  paymentIds: string[]
}

/** What came of a notice: its outcome, the answer to the bank, and the decision on each reading. */
export type Verdict = {
  outcome: Outcome
  answer: BankAnswer
  /** The answer was given before, under the same Idempotency-Key. */
  replayed: boolean
  decisions: Decision[]
}

type Deps = Tools & { firstDelayMs: (route: Route) => number }

/** Judges notices and keeps each as proof, in the transaction it is given. One verdict a notice. */
export async function judge(db: Db, heard: Heard[], deps: Deps): Promise<Verdict[]> {
  const verdicts = new Map<Heard, Verdict>()
  for (const round of rounds(heard, keyOf)) {
    const known = await rememberedAnswers(db, round)
    const fresh: Heard[] = []
    for (const one of round) {
      const before = known.get(keyOf(one) ?? '')
      if (before) verdicts.set(one, repeated(one, before))
      else if (!one.read.ok) verdicts.set(one, unread(one.read.refusal))
      else fresh.push(one)
    }
    for (const [one, decisions] of await decideAll(db, fresh, deps))
      verdicts.set(one, decided(one, decisions))
    await remember(db, fresh, verdicts)
  }
  return keepAll(db, heard, verdicts, deps)
}

function keyOf({ bank, idempotencyKey }: Heard): string | null {
  return idempotencyKey === null ? null : `${bank.name} ${idempotencyKey}`
}

async function rememberedAnswers(db: Db, heard: Heard[]) {
  const known = new Map<string, store.Remembered>()
  const named = heard.filter(({ idempotencyKey }) => idempotencyKey !== null)
  for (const [bank, some] of Map.groupBy(named, (one) => one.bank.name)) {
    const keys = some.map(({ idempotencyKey }) => idempotencyKey as string)
    for (const row of await store.remembered(db, bank, keys))
      known.set(`${bank} ${row.idempotencyKey}`, row)
  }
  return known
}

async function decideAll(db: Db, heard: Heard[], deps: Deps): Promise<Map<Heard, Decision[]>> {
  const arrivals = heard.flatMap((one) => arrivalsOf(one))
  const decisions = await record(db, arrivals, deps)
  let next = 0
  return new Map(
    heard.map((one) => {
      const count = one.read.ok ? one.read.readings.length : 0
      next += count
      return [one, decisions.slice(next - count, next)]
    }),
  )
}

function arrivalsOf({ bank, original, read, paymentIds }: Heard): Arrival[] {
  invariant(read.ok, 'only what was read arrives')
  const { id, proofKey: key, sha256, receivedDate } = original
  return read.readings.map((reading, i) => {
    const paymentId = paymentIds[i]
    invariant(paymentId, 'each reading has an id before it is recorded')
    return { paymentId, bank: bank.name, proof: { id, key, sha256 }, receivedDate, reading }
  })
}

function unread(refusal: Refusal): Verdict {
  const outcome = catalogue[refusal.code].status === 422 ? 'refused' : 'unreadable'
  return { outcome, answer: { ok: false, refusal }, replayed: false, decisions: [] }
}

/** The same key and content gets the first answer, byte for byte; other content is refused. */
function repeated({ original }: Heard, before: store.Remembered): Verdict {
  if (before.bodySha256 === original.sha256) {
    const { contentType, answer: body } = before
    const answer = { ok: true as const, status: 201, contentType, body }
    return { outcome: 'duplicate', answer, replayed: true, decisions: [] }
  }
  const detail = 'The Idempotency-Key came before with another body; use a new key.'
  const refusal: Refusal = { code: 'idempotency_conflict', detail }
  return { outcome: 'refused', answer: { ok: false, refusal }, replayed: false, decisions: [] }
}

function decided({ bank }: Heard, decisions: Decision[]): Verdict {
  return {
    outcome: outcomeOf(decisions.map(({ status }) => status)),
    answer: bank.answer(decisions),
    replayed: false,
    decisions,
  }
}

function outcomeOf(statuses: Decision['status'][]): Outcome {
  if (statuses.includes('recorded') || statuses.length === 0) return 'accepted'
  return statuses.includes('duplicate') ? 'duplicate' : 'refused'
}

async function remember(db: Db, heard: Heard[], verdicts: Map<Heard, Verdict>): Promise<void> {
  const rows = heard.flatMap((one): store.Remembered[] => {
    const answer = verdicts.get(one)?.answer
    if (one.idempotencyKey === null || !answer?.ok || answer.status !== 201) return []
    const { id: proofId, sha256: bodySha256, receivedDate: createDate } = one.original
    const { idempotencyKey, bank } = one
    const { contentType, body } = answer
    const key = { bank: bank.name, idempotencyKey, bodySha256 }
    return [{ ...key, contentType, answer: body, proofId, createDate }]
  })
  await store.insertRemembered(db, rows)
}

async function keepAll(db: Db, heard: Heard[], verdicts: Map<Heard, Verdict>, { newId }: Deps) {
  const judged = heard.map((one) => {
    const verdict = verdicts.get(one)
    invariant(verdict, 'every notice is judged')
    return { original: one.original, ...verdict }
  })
  await keep(db, judged)
  const events = judged.flatMap(({ original, outcome, answer }): NewEvent[] => {
    if (outcome === 'accepted') return []
    const { id: subject, bank, receivedDate: time } = original
    const type = outcome === 'duplicate' ? 'notice.duplicate' : 'notice.refused'
    const data = { bank, outcome, ...(!answer.ok && { code: answer.refusal.code }) }
    return [{ id: newId('evt'), type, subject, time, data }]
  })
  await append(db, events)
  return judged.map(({ original: _, ...verdict }) => verdict)
}
