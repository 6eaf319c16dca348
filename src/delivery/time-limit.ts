import { policyOf, type Route } from '../party/index.ts'

type Limits = { timeoutMs: number; leaseMs: number }

/** How long an attempt may take. A lease that became shorter since then bounds it all the same. */
export function timeLimitOf(route: Route, { timeoutMs, leaseMs }: Limits): number {
  return Math.min(policyOf(route).timeLimitMs ?? timeoutMs, leaseMs - 1)
}
