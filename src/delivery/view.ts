import { z } from 'zod'
import { notifyMethods } from '../party/index.ts'
import { toIso, toIsoOrNull } from '../platform/clock.ts'
import { reportStatuses } from '../sms/index.ts'
import { type Attempt, type Delivery, deliveryStatuses, type SmsMessage } from './delivery.ts'
import { isGathering } from './digest.ts'
import type { Tested } from './try-route.ts'

const attemptJson = z
  .object({
    id: z.string(),
    start_date: z.iso.datetime(),
    duration_ms: z.number().int(),
    result: z.enum(['delivered', 'failed']),
    status: z.number().int().nullable().describe('of HTTP or SMTP'),
    error: z.string().nullable(),
    answer: z.string().nullable().describe('the first 4 KiB of what the partner said'),
    may_have_arrived: z.boolean().describe('false where it is sure that nothing was sent'),
  })
  .meta({ id: 'Attempt' })

export const testedJson = z
  .object({
    delivered: z.boolean(),
    status: z.number().int().nullable().describe('of HTTP or SMTP'),
    error: z.string().nullable(),
    duration_ms: z.number().int(),
    request: z
      .object({ headers: z.record(z.string(), z.string()), body: z.string() })
      .nullable()
      .describe('as it was to go out, *** for what is secret; null where nothing was'),
    answer: z.string().nullable().describe('the first 4 KiB of what the partner said'),
  })
  .meta({ id: 'TestedRoute' })
const reportJson = z
  .object({
    message_id: z.string().describe("the provider's name and its id of the message"),
    status: z.enum(reportStatuses),
    detail: z.string().describe("in the provider's words"),
    time: z.iso.datetime().describe('when it was heard'),
  })
  .meta({ id: 'SmsReport' })

export const deliveryJson = z
  .object({
    id: z.string(),
    payment_id: z.string(),
    account_number: z.string(),
    route_id: z.string(),
    notify_method: z.enum(notifyMethods),
    webhook_id: z.string().describe('the same on every route and at every try'),
    digest_id: z.string().nullable().describe('the e-mail that it is told in with others'),
    status: z.enum(deliveryStatuses),
    attempt_count: z.number().int().describe('tries since it was made or last redelivered'),
    due_date: z.iso.datetime().nullable(),
    create_date: z.iso.datetime(),
    finish_date: z.iso.datetime().nullable(),
    report: reportJson.nullable().describe('what became of its last SMS, where that was told'),
  })
  .meta({ id: 'Delivery' })

export const deliveryWithAttemptsJson = deliveryJson
  .extend({ attempts: z.array(attemptJson) })
  .meta({ id: 'DeliveryWithAttempts' })

export function viewTested({ delivered, status, error, durationMs, request, answer }: Tested) {
  return { delivered, status, error, duration_ms: durationMs, request, answer }
}

/** What providers have said, by deliveries. */
type Reports = Map<string, SmsMessage>

export function viewDelivery(delivery: Delivery, reports: Reports) {
  return {
    id: delivery.id,
    payment_id: delivery.paymentId,
    account_number: delivery.accountId,
    route_id: delivery.routeId,
    notify_method: delivery.notifyMethod,
    webhook_id: delivery.eventId,
    digest_id: isGathering(delivery) ? null : delivery.digestId,
    status: delivery.status,
    attempt_count: delivery.attempts,
    due_date: toIsoOrNull(delivery.dueDate),
    create_date: toIso(delivery.createDate),
    finish_date: toIsoOrNull(delivery.finishDate),
    report: viewReport(reports.get(delivery.id)),
  }
}

export function viewWithAttempts(delivery: Delivery, attempts: Attempt[], reports: Reports) {
  const own = attempts.filter(({ deliveryId }) => deliveryId === delivery.id)
  return { ...viewDelivery(delivery, reports), attempts: own.map(viewAttempt) }
}

function viewReport(message: SmsMessage | undefined) {
  if (!message || message.reportStatus === null || message.reportDate === null) return null
  const { id, reportStatus, reportDetail, reportDate } = message
  return {
    message_id: id,
    status: reportStatus,
    detail: reportDetail ?? '',
    time: toIso(reportDate),
  }
}

function viewAttempt(attempt: Attempt) {
  return {
    id: attempt.id,
    start_date: toIso(attempt.startDate),
    duration_ms: attempt.durationMs,
    result: attempt.result,
    status: attempt.status,
    error: attempt.error,
    answer: attempt.answer,
    may_have_arrived: attempt.stage !== 'before',
  }
}
