import { column, table } from '../platform/database/index.ts'
import type { Stage } from '../platform/outbound/index.ts'
import type { ReportStatus } from '../sms/index.ts'
import type { LaneState } from './breaker.ts'
import type { DeliveryStatus } from './delivery.ts'
import type { Recipient } from './warning.ts'

const { integer, longText, nullable, text, time } = column

const ended = `'delivered', 'failed', 'parked'`

/**
 * `due_date` is when the daemon has to look at it: the next attempt, or the end of a lease.
 * `digest_id` is the digest it goes in, the route's own id until there is one.
 */
export const deliveries = table('deliveries', {
  columns: {
    id: text(40),
    paymentId: text(40),
    accountId: text(255),
    routeId: text(40),
    notifyMethod: text<'api' | 'email' | 'sms'>(16),
    eventId: text(40),
    status: text<DeliveryStatus>(16),
    attempts: integer(),
    dueDate: nullable(time()),
    claimId: nullable(text(40)),
    createDate: time(),
    finishDate: nullable(time()),
    digestId: nullable(text(40)),
  },
  primary: ['id'],
  indexes: [
    { name: 'uq_deliveries_payment_route', columns: ['paymentId', 'routeId'], unique: true },
    { name: 'ix_deliveries_due_date', columns: ['dueDate'], where: 'due_date IS NOT NULL' },
    {
      name: 'ix_deliveries_open',
      columns: ['status', 'routeId', 'dueDate'],
      where: 'due_date IS NOT NULL',
    },
    { name: 'ix_deliveries_status', columns: ['status', 'id'] },
    { name: 'ix_deliveries_route_id', columns: ['routeId', 'id'] },
  ],
  checks: {
    ck_deliveries_status: `status IN ('pending', 'waiting', 'sending', ${ended})`,
    ck_deliveries_open: `(status IN ('pending', 'sending')) = (due_date IS NOT NULL)`,
    ck_deliveries_finished: `(status IN (${ended})) = (finish_date IS NOT NULL)`,
    ck_deliveries_claimed: `(status = 'sending') = (claim_id IS NOT NULL)`,
  },
})

/** One try each; rows are only ever added. The oldest have no stage. */
export const attempts = table('attempts', {
  columns: {
    id: text(40),
    deliveryId: text(40),
    startDate: time(),
    durationMs: integer(),
    result: text<'delivered' | 'failed'>(16),
    status: nullable(integer()),
    error: nullable(longText()),
    answer: nullable(longText()),
    stage: nullable(text<Stage>(16)),
  },
  primary: ['id'],
  indexes: [{ name: 'ix_attempts_delivery_id', columns: ['deliveryId', 'id'] }],
  checks: { ck_attempts_result: `result IN ('delivered', 'failed')` },
})

/** How many attempts there were: kept up with every recording, so that nobody has to count. */
export const attemptTotals = table('attempt_totals', {
  columns: {
    id: text(40),
    notifyMethod: text<'api' | 'email' | 'sms'>(16),
    result: text(16),
    count: integer(),
  },
  primary: ['id'],
  seeded: true,
})

/**
 * A message that a provider of SMS took, under the provider's name and its own id. A report may be
 * there first: then nobody knows yet of which delivery it is.
 */
export const smsMessages = table('sms_messages', {
  columns: {
    id: text(160),
    deliveryId: nullable(text(40)),
    createDate: time(),
    reportStatus: nullable(text<ReportStatus>(16)),
    reportDetail: nullable(text(255)),
    reportDate: nullable(time()),
  },
  primary: ['id'],
  indexes: [{ name: 'ix_sms_messages_delivery_id', columns: ['deliveryId', 'createDate'] }],
  checks: {
    ck_sms_messages_status: `report_status IN ('sent', 'failed', 'delivered')`,
    ck_sms_messages_report: '(report_status IS NULL) = (report_date IS NULL)',
  },
})

/**
 * What is known of the lanes of routes that fail, are disabled or have a rate. The others need no
 * row: one that delivers writes nothing. `held_until` is when something may be sent again, `probe`
 * the claim of the one try that decides; a rate has the time until which its tokens are spent, in
 * microseconds, and when there is the next. `warned` is how much of its time to fail is told, in
 * percent.
 */
export const lanes = table('lanes', {
  columns: {
    routeId: text(40),
    state: text<LaneState>(16),
    heldUntil: nullable(time()),
    probe: nullable(text(40)),
    failures: integer(),
    pauses: integer(),
    openings: integer(),
    failingSince: nullable(time()),
    countedFrom: time(),
    reason: nullable(longText()),
    spentUntil: nullable(integer()),
    nextToken: nullable(time()),
    warned: nullable(integer()),
  },
  primary: ['routeId'],
  indexes: [
    { name: 'ix_lanes_held_until', columns: ['heldUntil'], where: 'held_until IS NOT NULL' },
    { name: 'ix_lanes_next_token', columns: ['nextToken'], where: 'next_token IS NOT NULL' },
  ],
  checks: {
    ck_lanes_state: `state IN ('closed', 'open', 'half_open')`,
    ck_lanes_probe: `(state = 'half_open') = (probe IS NOT NULL)`,
    ck_lanes_counts: 'failures >= 0 AND pauses >= 0 AND openings >= 0',
  },
})

/**
 * What people are told about a route that fails, one row for each of them, until it was sent:
 * `due_date` is when it is to be tried, or the end of a lease.
 */
export const warnings = table('warnings', {
  columns: {
    id: text(40),
    recipient: text<Recipient>(16),
    routeId: text(40),
    accountId: text(255),
    contactPath: longText(),
    share: integer(),
    failingSince: nullable(time()),
    reason: nullable(longText()),
    createDate: time(),
    dueDate: nullable(time()),
  },
  primary: ['id'],
  indexes: [{ name: 'ix_warnings_due_date', columns: ['dueDate'], where: 'due_date IS NOT NULL' }],
  checks: {
    ck_warnings_recipient: `recipient IN ('operator', 'contact')`,
    ck_warnings_share: 'share IN (50, 75, 100)',
  },
})
