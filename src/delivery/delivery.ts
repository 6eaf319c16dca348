import type { Row } from '../platform/database/index.ts'
import type { Stage } from '../platform/outbound/index.ts'
import type { Random } from '../platform/random.ts'
import type { attempts, deliveries, smsMessages } from './schema.ts'

/**
 * The life of a delivery:
 *
 *     pending ──claim──► sending ──2xx, accepted──► delivered
 *        ▲                  │ │                         │
 *        ├──failed, again───┘ └──failed for good───────►failed
 *        ├──the lease ended: claimed again, sending     │
 *        └────────────────redeliver─────────────────────┘
 *
 * On a strict route there is `waiting` before `pending`, until it is the delivery's turn
 * (strict.ts), and `parked` instead of `failed`: those behind it go on without it.
 *
 * Only the holder of the claim leaves `sending`; whoever comes after the lease has ended finds
 * another claim there and changes nothing.
 */
export type DeliveryStatus = 'pending' | 'waiting' | 'sending' | Finished

export const deliveryStatuses = [
  'pending',
  'waiting',
  'sending',
  'delivered',
  'failed',
  'parked',
] as const satisfies readonly DeliveryStatus[]

export type Finished = 'delivered' | 'failed' | 'parked'

export type Delivery = Row<typeof deliveries>
export type Attempt = Row<typeof attempts>
export type SmsMessage = Row<typeof smsMessages>

/** What one try came to. `answer` is the beginning of what the partner said. */
export type Sent = {
  delivered: boolean
  stage: Stage
  status: number | null
  error: string | null
  answer: string | null
  /** Trying again is of no use: the delivery has failed, whatever its schedule has left. */
  final?: boolean
  /** What the provider that took it calls it, which reports of it name. */
  messageId?: string | null
  /** For how long the partner wants to be left alone, where it says so. */
  retryAfterMs?: number
}

/** A partner may put off what is for it by so long at most: nobody would notice more in time. */
export const longestRetryAfterMs = 3_600_000

type State = Pick<Delivery, 'status' | 'attempts' | 'dueDate' | 'claimId' | 'finishDate'>

/** A delivery taken by a claim: its lease ends at `due_date`, and the try counts from here. */
export function claimed(delivery: Pick<Delivery, 'attempts'>, claimId: string, leaseEnd: number) {
  return {
    status: 'sending',
    attempts: delivery.attempts + 1,
    dueDate: leaseEnd,
    claimId,
    finishDate: null,
  } satisfies State
}

type Rules = { schedule: number[]; now: number; random: Random; strict: boolean }

/**
 * A delivery after a try by the holder of its claim. `schedule` is in milliseconds. A partner may
 * ask for a later time than that, as far as is sensible, and never for an earlier one, which would
 * use up the schedule in a moment.
 */
export function attempted(
  delivery: Pick<Delivery, 'attempts'>,
  { delivered, final = false, retryAfterMs }: Pick<Sent, 'delivered' | 'final' | 'retryAfterMs'>,
  { schedule, now, random, strict }: Rules,
): State & { status: 'pending' | Finished } {
  const { attempts } = delivery
  const closed = { attempts, dueDate: null, claimId: null, finishDate: now }
  if (delivered) return { status: 'delivered', ...closed }
  const delay = schedule[attempts]
  if (final || delay === undefined) return { status: strict ? 'parked' : 'failed', ...closed }
  const askedMs = Math.min(retryAfterMs ?? 0, longestRetryAfterMs)
  const dueDate = now + Math.max(withJitter(delay, random), askedMs)
  return { status: 'pending', attempts, dueDate, claimId: null, finishDate: null }
}

/** A delivery that is to be made again then, from the beginning of its schedule. */
export function requeued(dueDate: number): State {
  return { status: 'pending', attempts: 0, dueDate, claimId: null, finishDate: null }
}

/** Spreads what failed together by ±20 %, so that it does not come back together. */
export function withJitter(delay: number, random: Random): number {
  return Math.round(delay * (0.8 + 0.4 * random()))
}
