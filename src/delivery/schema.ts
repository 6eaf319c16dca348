import { column, table } from '../platform/database/index.ts'
import type { Stage } from '../platform/outbound/index.ts'
import type { ReportStatus } from '../sms/index.ts'
import type { DeliveryStatus } from './delivery.ts'

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
