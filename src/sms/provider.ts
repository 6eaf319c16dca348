import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import type { Setting, Values } from '../platform/config/index.ts'

/** What is to be sent. `id` is the same at every try, so a second copy can be known by it. */
export type Text = { id: string; to: string; text: string }

/** The HTTP request that hands a text to a provider. */
export type Request = {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body: string | null
}

export type Answer = { status: number; body: string }

/**
 * What an answer means. `again` is what may pass by itself, as a limit or an outage; `never` what
 * would be refused at every try. An accepted text has the provider's own id where that was told.
 */
export type Outcome =
  | { result: 'accepted'; messageId: string | null }
  | { result: 'again' | 'never'; why: string }

/** Where a text is, from the least to the most that can be said of it. */
export const reportStatuses = ['sent', 'failed', 'delivered'] as const

export type ReportStatus = (typeof reportStatuses)[number]

/** What a provider says later of a text that it took. */
export type Report = {
  messageId: string
  /** Where the provider gives it back. */
  deliveryId: string | null
  status: ReportStatus
  /** In the provider's words. */
  detail: string
}

/** A report as it came in; `target` is path and query. */
export type ReportNotice = { headers: IncomingHttpHeaders; target: string; body: Buffer }

type SettingTable = Record<string, Setting<unknown>>

/** The settings that all providers share. */
export type Shared = {
  from: string | null
  /** Instead of the provider's own host; where there is none of its own, where texts go. */
  url: string | null
  /** Where the provider reaches this Giro. */
  publicUrl: string | null
  reportToken: string | null
}

export type ProviderSettings<S extends SettingTable> = Values<S> & Shared

/** All that is particular to one provider. A file under `providers/` exports one as its default. */
export type Provider<S extends SettingTable = SettingTable> = {
  /** Of its file, of the setting SMS_PROVIDER, and of its door: `POST /sms/reports/<name>`. */
  name: string
  settings: S
  /** What a report looks like, for the API's description. */
  documentation: { contentType: string; report: z.ZodType }
  /** What an operator must do before a text can be sent; null when nothing is missing. */
  objection(settings: ProviderSettings<S>): string | null
  request(text: Text, settings: ProviderSettings<S>): Request
  outcome(answer: Answer, settings: ProviderSettings<S>, text: Text): Outcome
  authenticates(notice: ReportNotice, settings: ProviderSettings<S>): boolean
  /** Null where it cannot be read. */
  report(notice: ReportNotice): Report | null
}

/** Gives an adapter the types of its own settings; the list of providers then forgets them. */
export function provider<S extends SettingTable>(description: Provider<S>): Provider {
  return description as unknown as Provider
}
