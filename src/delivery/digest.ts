import type { Event } from '../event/index.ts'
import type { Digest as Interval } from '../party/index.ts'
import type { Delivery } from './delivery.ts'

/**
 * What is told in a digest waits with its route's id for a digest of its own: whoever claims it
 * gives all that is due by then one new id, under which it stays together, at every try.
 */
export type Digest = {
  id: string
  members: { delivery: Delivery; event: Event }[]
}

/** So many payments go in one e-mail; what is left goes in the next at once. */
export const mostInDigest = 4000

const minuteMs = 60_000
const intervals = { hourly: 60 * minuteMs, daily: 24 * 60 * minuteMs }

/** By then every payment that came before the full hour is committed: banks are answered within. */
const settlingMs = 10_000

/** When the digest is due that tells of a payment: after the next full hour or midnight, in UTC. */
export function digestDue(interval: Interval, time: number): number {
  return behindNext(intervals[interval], time)
}

/** When deliveries go that were begun anew: those of the same minute together. */
export function digestAgainDue(time: number): number {
  return behindNext(minuteMs, time)
}

function behindNext(interval: number, time: number): number {
  return (Math.floor(time / interval) + 1) * interval + settlingMs
}

/** Whether no digest has it yet. */
export function isGathering({ digestId, routeId }: Pick<Delivery, 'digestId' | 'routeId'>) {
  return digestId === routeId
}

/** Of what goes in digests the first of each route, and all that goes by itself. */
export function firstOfDigests(due: Delivery[]): Delivery[] {
  const routes = new Set<string>()
  return due.filter(({ digestId, routeId }) => {
    if (digestId === null) return true
    if (routes.has(routeId)) return false
    routes.add(routeId)
    return true
  })
}
