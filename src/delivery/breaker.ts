import type { Row } from '../platform/database/index.ts'
import type { Random } from '../platform/random.ts'
import { longestRetryAfterMs, withJitter } from './delivery.ts'
import { type Tries, triesSince } from './recent.ts'
import type { lanes } from './schema.ts'

/**
 * The life of a lane:
 *
 *     closed ──so many failures in a row, or in a minute──► open ◄─────────────────┐
 *        ▲                                                   │                     │ failed: held
 *        │                                                   │ its time is over,   │ for longer
 *        │                                                   ▼ a claim takes one   │
 *        └──delivered, or an operator resumed it────── half_open ──────────────────┘
 *                                                       ▲   │
 *                                                       └───┘ the claim's lease ended: another one
 *
 * `heldUntil` is for all states: nothing is sent before. A closed lane is held for a moment where
 * the partner asks for it (429, 502, 503, 504), and one whose route is disabled for good. Of an
 * open lane, the result of the one try under the claim `probe` counts: what was under way when it
 * opened changes no state.
 */
export type LaneState = 'closed' | 'open' | 'half_open'

export type Lane = Row<typeof lanes>

/**
 * When a lane opens, and after which time without any success its route is disabled. Only a failed
 * attempt is judged: a route on which nothing is sent grows no older.
 */
export type Rules = { failures: number; tries: number; share: number; disableAfterMs: number }

const never = Number.POSITIVE_INFINITY

export const defaultRules: Rules = { failures: 10, tries: 20, share: 0.5, disableAfterMs: never }

/** Shares of that time, in percent, of which people are told; at the last the route is disabled. */
const shares = [100, 75, 50]

/** The end of the year 9999: for as long as a route is disabled. */
export const forever = 253_402_300_799_000

/** What a try came to for its lane. */
export type Outcome = {
  claimId: string | null
  delivered: boolean
  error: string | null
  /** The partner asks everybody to come later, who would be answered in the same way. */
  slows: boolean
  retryAfterMs: number | null
  recent: Tries[]
}

/** Each pause is twice the one before, each ±20 %. */
const slowPause = { first: 1000, most: 60_000 }
const openPause = { first: 10_000, most: 600_000 }

const shortestRetryAfterMs = 1000

/** `countedFrom` is when the tries begin that count together; none before it can open the lane. */
export function newLane(routeId: string, countedFrom = 0): Lane {
  return {
    routeId,
    state: 'closed',
    heldUntil: null,
    probe: null,
    failures: 0,
    pauses: 0,
    openings: 0,
    failingSince: null,
    warned: null,
    countedFrom,
    reason: null,
    spentUntil: null,
    nextToken: null,
  }
}

/** How much a lane lets through, its rate apart. */
export function admits(lane: Lane, now: number): 'all' | 'one' | 'none' {
  if (isHeld(lane, now)) return 'none'
  return lane.state === 'closed' ? 'all' : 'one'
}

/** A success would change nothing about it. */
export function isWell({ state, failingSince, pauses }: Lane): boolean {
  return state === 'closed' && failingSince === null && pauses === 0
}

/** Under this claim the one try is made, until its lease ends. */
export function probing(lane: Lane, claimId: string, leaseEnd: number): Lane {
  return { ...lane, state: 'half_open', probe: claimId, heldUntil: leaseEnd }
}

type At = { now: number; random: Random; rules: Rules }

export function laneAfter(lane: Lane, outcome: Outcome, at: At): Lane {
  const isProbe = lane.state === 'half_open' && lane.probe === outcome.claimId
  if (outcome.delivered) {
    if (isProbe) return { ...closed(lane, at.now), ...wellSince }
    return afterSuccess(lane, at.now)
  }
  const { now } = at
  const [failures, failingSince] = [lane.failures + 1, lane.failingSince ?? now]
  const warned = shareOf(lane, now - failingSince, at.rules)
  const failed = { ...lane, failures, failingSince, warned }
  if (isProbe) {
    const before = { ...failed, pauses: lane.pauses + 1, heldUntil: lasting(lane) }
    return opened(before, outcome, at)
  }
  if (lane.state !== 'closed') return { ...failed, heldUntil: askedFor(lane, outcome, now) }
  const why = tooMany(failed, outcome, at)
  if (why !== null) {
    const openings = lane.openings + 1
    return opened({ ...failed, openings, pauses: 1, reason: why }, outcome, at)
  }
  const reason = outcome.error
  return outcome.slows ? slowed({ ...failed, reason }, outcome, at) : { ...failed, reason }
}

/** Closed by hand, or because it delivers; that of a disabled route stays held. */
export function closed(lane: Lane, now: number): Lane {
  const { routeId, openings, failingSince, warned, spentUntil, nextToken } = lane
  const kept = { openings, failingSince, warned, spentUntil, nextToken, heldUntil: lasting(lane) }
  return { ...newLane(routeId, now), ...kept }
}

/** Held by an operator's word or freed by it; what is under way by then decides nothing. */
export function heldBy(lane: Lane, heldUntil: number | null): Lane {
  const state = lane.state === 'half_open' ? 'open' : lane.state
  return { ...lane, state, probe: null, heldUntil }
}

/** What is said of a lane of which nothing failed since. */
export const wellSince = { failingSince: null, warned: null }

export function isDisabled({ heldUntil }: Lane): boolean {
  return heldUntil === forever
}

export function isHeld({ heldUntil }: Lane, now: number): boolean {
  return heldUntil !== null && heldUntil > now
}

function lasting(lane: Lane): number | null {
  return isDisabled(lane) ? forever : null
}

/** One that came through while the lane rests does not end its rest. */
function afterSuccess(lane: Lane, now: number): Lane {
  const heard = { ...lane, failures: 0, ...wellSince }
  if (lane.state !== 'closed' || isHeld(lane, now)) return heard
  return { ...heard, pauses: 0, heldUntil: null, reason: null }
}

/** The greatest share that a lane has reached; it only grows, until an attempt gets through. */
function shareOf({ warned }: Lane, failingMs: number, { disableAfterMs }: Rules): number | null {
  const reached = shares.find((share) => failingMs * 100 >= share * disableAfterMs)
  return reached === undefined ? warned : Math.max(reached, warned ?? 0)
}

function tooMany({ failures, countedFrom }: Lane, { error, recent }: Outcome, { rules }: At) {
  if (failures >= rules.failures) return `${failures} attempts failed in a row; the last: ${error}`
  const { tries, failed } = triesSince(recent, countedFrom)
  if (tries < rules.tries || failed < tries * rules.share) return null
  return `${failed} of ${tries} attempts failed within a minute; the last: ${error}`
}

function opened(lane: Lane, outcome: Outcome, { now, random }: At): Lane {
  const until = now + grown(openPause, lane.pauses, random)
  const heldUntil = Math.max(until, askedFor(lane, outcome, now) ?? 0)
  return { ...lane, state: 'open', probe: null, heldUntil }
}

/** What was under way when the rest began lengthens it only where the partner says how long. */
function slowed(lane: Lane, outcome: Outcome, { now, random }: At): Lane {
  const pauses = isHeld(lane, now) ? lane.pauses : lane.pauses + 1
  if (outcome.retryAfterMs !== null)
    return { ...lane, pauses, heldUntil: askedFor(lane, outcome, now) }
  if (isHeld(lane, now)) return lane
  return { ...lane, pauses, heldUntil: now + grown(slowPause, pauses, random) }
}

/** Until when it is held by what the partner said now, and before. */
function askedFor(lane: Lane, { slows, retryAfterMs }: Outcome, now: number): number | null {
  if (!slows || retryAfterMs === null) return lane.heldUntil
  const askedMs = Math.min(Math.max(retryAfterMs, shortestRetryAfterMs), longestRetryAfterMs)
  return Math.max(lane.heldUntil ?? 0, now + askedMs)
}

function grown({ first, most }: typeof openPause, count: number, random: Random): number {
  return withJitter(Math.min(first * 2 ** (count - 1), most), random)
}
