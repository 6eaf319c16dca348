import { z } from 'zod'
import { Refused } from '../platform/problem.ts'
import type { Route } from './party.ts'

/** How a route wants to be told; null where the daemon's settings say it. */
export type Policy = {
  /** Attempts under way at once in one daemon. */
  concurrency: number
  timeLimitMs: number | null
  rate: Rate | null
  schedule: number[] | null
}

/** So many attempts a second, all daemons together, and so many at once after a rest. */
export type Rate = { perSecond: number; burst: number }

/** Enough for any partner that answers, and no daemon's slots are ever one partner's alone. */
const defaultConcurrency = 8

const longestDelayS = 1_000_000

const rateInput = z.strictObject({
  per_second: z.number().min(0.001).max(1000),
  burst: z.int().min(1).max(10_000).optional().describe('at once after a rest; default a second'),
})

/** What may be said of a route's policy when it is created or changed; null is the default. */
export const policyShape = {
  concurrency: z
    .int()
    .min(1)
    .max(1000)
    .nullable()
    .optional()
    .describe(`attempts under way at once in one daemon; default ${defaultConcurrency}`),
  time_limit: z
    .number()
    .min(0.1)
    .max(longestDelayS)
    .nullable()
    .optional()
    .describe('seconds one attempt may take, below DELIVERY_LEASE; default DELIVERY_TIMEOUT'),
  rate_limit: rateInput.nullable().optional().describe('attempts a second; default no limit'),
  schedule: z
    .array(z.number().min(0).max(longestDelayS))
    .min(1)
    .max(100)
    .nullable()
    .optional()
    .describe('seconds before each attempt; default DELIVERY_SCHEDULE'),
}

const policyInput = z.object(policyShape)

type Given = z.output<typeof policyInput>

/** As it is shown. */
export const policyJson = {
  concurrency: z.number().int(),
  time_limit: z.number().nullable(),
  rate_limit: z.object({ per_second: z.number(), burst: z.number().int() }).nullable(),
  schedule: z.array(z.number()).nullable(),
}

/** What is kept of a policy: what was said of it, as it was said; null is the default in all. */
export function keptPolicy(before: string | null, given: Given): string | null {
  const said = Object.entries({ ...keptBy(before), ...saidIn(given) })
  const own = said.filter(([, value]) => value !== null)
  return own.length === 0 ? null : JSON.stringify(Object.fromEntries(own))
}

/** A lease that ended before the attempt would let another daemon make it as well. */
export function requireTimeLimit({ time_limit }: Given, leaseMs: number): void {
  if (typeof time_limit !== 'number' || time_limit * 1000 < leaseMs) return
  const detail = `must be below DELIVERY_LEASE, ${leaseMs / 1000} seconds`
  throw new Refused('invalid', `The time limit ${detail}.`, [{ pointer: '/time_limit', detail }])
}

export function policyOf({ policy }: Pick<Route, 'policy'>): Policy {
  const { concurrency, time_limit, rate_limit, schedule } = viewPolicy(policy)
  return {
    concurrency,
    timeLimitMs: time_limit === null ? null : toMs(time_limit),
    rate: rate_limit && { perSecond: rate_limit.per_second, burst: rate_limit.burst },
    schedule: schedule?.map(toMs) ?? null,
  }
}

export function viewPolicy(kept: string | null) {
  const { concurrency, time_limit, rate_limit, schedule } = keptBy(kept)
  return {
    concurrency: concurrency ?? defaultConcurrency,
    time_limit: time_limit ?? null,
    rate_limit: rate_limit ? { ...rate_limit, burst: burstOf(rate_limit) } : null,
    schedule: schedule ?? null,
  }
}

function burstOf({ per_second, burst }: z.output<typeof rateInput>): number {
  return burst ?? Math.max(1, Math.ceil(per_second))
}

function keptBy(kept: string | null): Given {
  return kept === null ? {} : JSON.parse(kept)
}

/** Without what was not said, and what is not of the policy. */
function saidIn(given: Given): Given {
  const said = policyInput.parse(given)
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}

function toMs(seconds: number): number {
  return Math.round(seconds * 1000)
}
