import type { NotifyMethod } from '../party/index.ts'
import { type Clock, sleep } from '../platform/clock.ts'
import { DatabaseUnavailable } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { type Channel, failed } from './channels/channel.ts'
import type { Claimed } from './claim.ts'
import type { Sent } from './delivery.ts'
import { cannotOpen, type routeOpener } from './open-route.ts'
import type { Recorded, Tried } from './record.ts'
import { timeLimitOf } from './time-limit.ts'

type Deps = {
  channels: Record<NotifyMethod, Channel>
  open: ReturnType<typeof routeOpener>
  clock: Clock
  log: Log
  /** Hears once whether the partner was told, before that is recorded. */
  answered: (delivered: boolean) => void
  record: (tried: Omit<Tried, 'recent'>) => Promise<Recorded>
  /** For routes that say nothing else. */
  timeoutMs: number
  leaseMs: number
  /** Aborted when the daemon is to stop. */
  stopping: AbortSignal
}

const pauseMs = 1000

/**
 * Makes one attempt and records it. Never rejects: what could not be recorded comes back when its
 * lease ends.
 */
export async function send(claimed: Claimed, deps: Deps): Promise<void> {
  const { clock, log } = deps
  const { delivery, route } = claimed
  const startDate = clock.now()
  const began = performance.now()
  try {
    const sent = await attempt(claimed, deps)
    const durationMs = Math.round(performance.now() - began)
    const result = await recorded({ delivery, route, sent, startDate, durationMs }, deps)
    tellTheRoad(log, claimed, { sent, durationMs, result })
  } catch (error) {
    log.error({ err: error, delivery: delivery.id }, 'delivery could not be recorded')
  }
}

async function attempt(claimed: Claimed, deps: Deps): Promise<Sent> {
  let delivered = false
  try {
    const sent = await sendOn(claimed, deps)
    delivered = sent.delivered
    return sent
  } finally {
    deps.answered(delivered)
  }
}

async function sendOn(
  { delivery, event, route, oldSecrets, digest }: Claimed,
  { channels, open, ...limits }: Deps,
): Promise<Sent> {
  const opened = open(route, oldSecrets)
  if (opened === null) return failed(cannotOpen, 'before')
  const leaseEnd = delivery.dueDate ?? 0
  const timeoutMs = timeLimitOf(route, limits)
  const message = { deliveryId: delivery.id, event, route, ...opened, leaseEnd, digest, timeoutMs }
  return channels[route.notifyMethod].send(message)
}

/**
 * Records a try, for as long as its claim holds: the partner would be told again of what a database
 * that was away for a moment did not hear.
 */
async function recorded(
  tried: Omit<Tried, 'recent'>,
  { record, clock, stopping }: Deps,
): Promise<Recorded> {
  const leaseEnd = tried.delivery.dueDate ?? 0
  for (;;)
    try {
      return await record(tried)
    } catch (error) {
      const mayCome = error instanceof DatabaseUnavailable && clock.now() + pauseMs < leaseEnd
      if (!mayCome || stopping.aborted) throw error
      await sleep(pauseMs, stopping)
    }
}

type Result = { sent: Sent; durationMs: number; result: Recorded }

function tellTheRoad(
  log: Log,
  { delivery, route, digest }: Claimed,
  { sent, durationMs, result }: Result,
) {
  const facts = {
    partner: delivery.accountId,
    by: route.notifyMethod,
    payment: delivery.paymentId,
    attempt: delivery.attempts,
    ...(digest && { digest: digest.id, payments: digest.members.length }),
    duration_ms: durationMs,
    ...(sent.status !== null && { status: sent.status }),
  }
  if (sent.delivered) log.info(facts, 'partner told')
  else {
    const failure = { delivery: delivery.id, error: sent.error, delivery_is: result }
    log.warn({ ...facts, ...failure }, 'partner not reached')
  }
}
