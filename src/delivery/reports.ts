import { append } from '../event/index.ts'
import { type Database, type Db, groupCommit, type Reads } from '../platform/database/index.ts'
import type { Tools } from '../platform/tools.ts'
import { type Report, type ReportStatus, reportStatuses } from '../sms/index.ts'
import type { Delivery, SmsMessage } from './delivery.ts'
import { reported, unreported } from './messages.ts'
import * as store from './store.ts'

type Deps = Tools & { database: Database }

type Named = Report & { id: string }

/** Providers hang up sooner, and mostly come again. */
const limitMs = 9000

/** So long a report waits for the record of its attempt; it is of somebody else's message then. */
const strangeMs = 24 * 60 * 60 * 1000

const mostDetail = 255

/**
 * Takes reports in, those that come together in one transaction. Each says what was new in it: a
 * report that came before, or says less than one before it, changes nothing.
 */
export function createReports({ database, ...tools }: Deps) {
  const takeOne = groupCommit(database, {
    work: (db, reports: Named[]) => takeReports(db, reports, tools),
    limitMs,
  })
  return (provider: string, report: Report): Promise<ReportStatus | null> =>
    takeOne({ ...report, id: `${provider} ${report.messageId}` })
}

async function takeReports(
  db: Db,
  reports: Named[],
  { clock, newId }: Tools,
): Promise<(ReportStatus | null)[]> {
  const now = clock.now()
  const before = await store.holdMessages(
    db,
    reports.map(({ id }) => id),
  )
  const deliveries = await store.deliveriesById(db, named(reports, before))
  const after = new Map(before)
  const news = reports.map((report) => {
    const old =
      after.get(report.id) ?? heardOf(report, deliveries.get(report.deliveryId ?? ''), now)
    if (!saysMore(report.status, old.reportStatus)) return null
    const { status, detail } = report
    const reportDetail = plain(detail)
    after.set(report.id, {
      ...old,
      reportStatus: status,
      reportDetail,
      reportDate: now,
    })
    return status
  })
  const changed = [...after.values()].filter((message) => before.get(message.id) !== message)
  await store.insertMessages(
    db,
    changed.filter(({ id }) => !before.has(id)),
  )
  for (const message of changed) if (before.has(message.id)) await store.updateMessage(db, message)
  const events = changed.flatMap((message) => {
    const delivery = deliveries.get(message.deliveryId ?? '')
    return delivery ? [reported(message, delivery, { newId, now })] : []
  })
  await append(db, events)
  if (changed.some(({ deliveryId }) => deliveryId === null))
    await store.deleteStrangeMessages(db, now - strangeMs)
  return news
}

/** The deliveries of which a report may be: by the message's row, or by the provider's word. */
function named(reports: Named[], before: Map<string, SmsMessage>): string[] {
  const ids = reports.map(({ id, deliveryId }) => before.get(id)?.deliveryId ?? deliveryId)
  return [...new Set(ids)].filter((id) => id !== null)
}

/**
 * A message of which no attempt is recorded, and never will be where its answer was lost: those of
 * its delivery that are recorded come after it.
 */
function heardOf({ id }: Named, delivery: Delivery | undefined, now: number): SmsMessage {
  return unreported(id, delivery?.id ?? null, delivery?.createDate ?? now)
}

/** Reports come twice and out of order: what is on the phone is not undone by what was sent. */
function saysMore(status: ReportStatus, before: ReportStatus | null): boolean {
  return before === null || reportStatuses.indexOf(status) > reportStatuses.indexOf(before)
}

/** A provider's words as every database takes them. */
function plain(detail: string): string {
  return [...detail.toWellFormed().replaceAll('\0', '\uFFFD')].slice(0, mostDetail).join('')
}

/** What was said of each delivery's last message; only those by SMS are looked up. */
export async function reportsOf(
  db: Reads,
  deliveries: Pick<Delivery, 'id' | 'notifyMethod'>[],
): Promise<Map<string, SmsMessage>> {
  const bySms = deliveries.filter(({ notifyMethod }) => notifyMethod === 'sms')
  if (bySms.length === 0) return new Map()
  const messages = await store.messagesOf(
    db,
    bySms.map(({ id }) => id),
  )
  return new Map(messages.map((message) => [message.deliveryId ?? '', message]))
}
