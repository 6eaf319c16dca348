import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import type { Decision, Reading } from '../payment/index.ts'
import type { Setting, Values } from '../platform/config/index.ts'
import type { Refusal } from '../platform/problem.ts'

/** What arrived at a bank's door. The body is never parsed before the adapter sees it. */
export type Notice = { headers: IncomingHttpHeaders; body: Buffer; remoteAddress: string }

/** What an adapter makes of a notice: any number of readings, or why it makes nothing of it. */
export type Read = { ok: true; readings: Reading[] } | { ok: false; refusal: Refusal }

/** What a bank is told: the bytes of a success, or a refusal, which becomes problem details. */
export type BankAnswer =
  | { ok: true; status: number; contentType: string; body: string }
  | { ok: false; refusal: Refusal }

type SettingTable = Record<string, Setting<unknown>>

/** Where a door stands: the bank's own settings, and whether only this machine can reach it. */
export type Door<S extends SettingTable> = { settings: Values<S>; loopback: boolean }

/** All that is particular to one bank. A file under `banks/` exports one as its default. */
export type Bank<S extends SettingTable = SettingTable> = {
  /** Also its path: `POST /<name>`. */
  name: string
  /** What a notice and its success look like, for the API's description. */
  documentation: { contentType: string; notice: z.ZodType; answer: z.ZodType }
  settings: S
  /** Lower-case names of headers, beyond the usual ones, that carry credentials. */
  secretHeaders: ReadonlySet<string>
  /** What an operator must set before this door may be opened; null when nothing is missing. */
  missing(door: Door<S>): string | null
  authenticates(notice: Notice, door: Door<S>): boolean
  read(notice: Notice): Read
  answer(decisions: Decision[]): BankAnswer
}

/** Gives an adapter the types of its own settings; the list of banks then forgets them. */
export function bank<S extends SettingTable>(description: Bank<S>): Bank {
  return description as unknown as Bank
}
