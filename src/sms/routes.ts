import type { IncomingMessage } from 'node:http'
import {
  type Answering,
  type Door,
  readBody,
  sendNothing,
  sendProblem,
} from '../platform/http/index.ts'
import { Counter, type Metrics } from '../platform/metric.ts'
import type { Report, ReportStatus } from './provider.ts'
import type { OpenProvider, Providers } from './providers.ts'

/** Keeps a report; what is new in it, or null where all of it was known. */
export type TakeReport = (provider: string, report: Report) => Promise<ReportStatus | null>

type Deps = { providers: Providers; take: TakeReport; metrics: Metrics }

const limits = { maxBytes: 64 * 1024, timeoutMs: 10_000 }

/** Where providers report what became of a text: `POST /sms/reports/<provider>`. */
export function reportDoors({ providers, take, metrics }: Deps): Map<string, Door> {
  const counter = new Counter({
    name: 'giro_sms_reports_total',
    help: 'What providers of SMS have reported, by what was new in it',
    labelNames: ['provider', 'status'],
    registers: [metrics],
  })
  return new Map(
    providers.all.map((open) => [
      `/sms/reports/${open.provider.name}`,
      (request, response) => hear(open, request, response, { take, counter }),
    ]),
  )
}

type Hearing = { take: TakeReport; counter: Counter }

async function hear(
  { provider, settings }: OpenProvider,
  request: IncomingMessage,
  response: Answering,
  { take, counter }: Hearing,
): Promise<void> {
  const { name } = provider
  const read = await readBody(request, limits)
  if (!read.ok) return sendProblem(response, read.refusal)
  const notice = { headers: request.headers, target: request.url ?? '', body: read.body }
  if (!provider.authenticates(notice, settings))
    return sendProblem(response, { code: 'unauthorized', detail: `This is not ${name}.` })
  const report = provider.report(notice)
  if (report === null || !isKeepable(report.messageId)) {
    const detail = `This is no report of ${name}.`
    const errors = [{ pointer: '', detail: 'names no message, or no status' }]
    return sendProblem(response, { code: 'invalid', detail, errors })
  }
  const status = await take(name, report)
  if (status !== null) counter.inc({ provider: name, status })
  sendNothing(response, 204)
}

/** Providers' ids are short and plain; nothing else is written into the database as one. */
function isKeepable(messageId: string): boolean {
  return /^[\x21-\x7e]{1,128}$/.test(messageId)
}
