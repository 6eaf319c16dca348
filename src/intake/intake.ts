import type { Route } from '../party/index.ts'
import { sleep } from '../platform/clock.ts'
import { type Database, groupCommit } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { Counter, Histogram, type Metrics } from '../platform/metric.ts'
import { formatAmount } from '../platform/money.ts'
import { Refused } from '../platform/problem.ts'
import type { Tools } from '../platform/tools.ts'
import { type Original, spoolSize } from '../proof/index.ts'
import type { Bank, Read } from './bank.ts'
import { type Heard, judge, type Verdict } from './judge.ts'

type Deps = Tools & {
  database: Database
  log: Log
  metrics: Metrics
  firstDelayMs: (route: Route) => number
  spoolMaxBytes: number
}

export type Intake = ReturnType<typeof createIntake>

type Given = { bank: Bank; original: Original; read: Read; idempotencyKey: string | null }

/** For how long the size of the spool, once asked, is good enough. */
const spoolAnswerMs = 200

/** A bank is answered within 10 s, whatever becomes of the database. */
const spoolLimitMs = 500
const judgeLimitMs = 8500

/** Takes notices from all doors: those that arrive together are judged in one transaction. */
export function createIntake(deps: Deps) {
  const { database, clock, newId, log, metrics, spoolMaxBytes } = deps
  const counted = intakeMetrics(metrics)
  const judgeOne = groupCommit(database, {
    work: (db, heard: Heard[]) => judge(db, heard, deps),
    sizeOf: ({ original }) => original.size,
    limitMs: judgeLimitMs,
  })
  let spool = { bytes: 0, askedAt: Number.NEGATIVE_INFINITY }
  let looking: Promise<void> | undefined

  /**
   * The size is asked for now and then. In between, and while the database takes its time, what was
   * last told is good enough.
   */
  async function lookAtSpool() {
    looking ??= askSpool().finally(() => {
      looking = undefined
    })
    await Promise.race([looking, sleep(spoolLimitMs)])
  }

  async function askSpool() {
    spool.askedAt = clock.now()
    const { bytes } = await database.read(spoolSize)
    spool = { bytes, askedAt: clock.now() }
  }

  return {
    /** Resolves after the commit; a rejection means that the notice may not have been kept. */
    async take(given: Given): Promise<Verdict> {
      if (clock.now() - spool.askedAt >= spoolAnswerMs) await lookAtSpool()
      if (spool.bytes >= spoolMaxBytes)
        throw new Refused(
          'unavailable',
          'Too many proofs wait for the archive; send it again later.',
        )
      const readings = given.read.ok ? given.read.readings : []
      const verdict = await judgeOne({ ...given, paymentIds: readings.map(() => newId('pay')) })
      const bank = given.bank.name
      counted.notices.inc({ bank, outcome: verdict.outcome })
      for (const decision of verdict.decisions)
        if (decision.status === 'recorded')
          counted.payments.inc({ bank, status: decision.payment.status })
      counted.seconds.observe((clock.now() - given.original.receivedDate) / 1000)
      if (log.isLevelEnabled('warn')) tellTheRoad(log, given.original, verdict)
      return verdict
    },

    notAuthenticated(bank: string, remoteAddress: string) {
      counted.notices.inc({ bank, outcome: 'unauthorized' })
      log.warn({ bank, remote_address: remoteAddress }, 'notice not authenticated')
    },
  }
}

function tellTheRoad(log: Log, { id: proof, proofKey }: Original, verdict: Verdict): void {
  log.info({ proof, key: proofKey, outcome: verdict.outcome }, 'proof kept')
  const { answer } = verdict
  if (!answer.ok) log.warn({ proof, code: answer.refusal.code }, answer.refusal.detail)
  for (const decision of verdict.decisions) {
    if (decision.status !== 'recorded') continue
    const {
      id,
      amount,
      currency,
      referenceNumber: from,
      accountNumber: to,
      status,
    } = decision.payment
    const facts = { payment: id, amount: formatAmount({ amount, currency }), currency, from, to }
    log.info(facts, 'payment booked')
    if (status === 'unrouted') log.warn({ payment: id, partner: to }, 'the partner has no route')
  }
}

function intakeMetrics(metrics: Metrics) {
  const registers = [metrics]
  return {
    notices: new Counter({
      name: 'giro_notices_total',
      help: 'Notices by bank and by what came of them',
      labelNames: ['bank', 'outcome'],
      registers,
    }),
    payments: new Counter({
      name: 'giro_payments_total',
      help: 'Payments by bank and by their status at arrival: received, or unrouted',
      labelNames: ['bank', 'status'],
      registers,
    }),
    seconds: new Histogram({
      name: 'giro_intake_seconds',
      help: 'From the arrival of a notice to its commit',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers,
    }),
  }
}
