import { setTimeout as wait } from 'node:timers/promises'

/** Times are milliseconds since 1970 in UTC: in code a number, in the database a BIGINT. */
export type Clock = { now(): number }

export const systemClock: Clock = { now: () => Date.now() }

let lastTime = Number.NaN
let lastIso = ''

/**
 * A time as it stands in JSON: `2026-11-21T10:40:27.123Z`. A payment says its time several times
 * over, and many payments share it, so the last one is remembered.
 */
export function toIso(time: number): string {
  if (time !== lastTime) {
    lastIso = new Date(time).toISOString()
    lastTime = time
  }
  return lastIso
}

export function toIsoOrNull(time: number | null): string | null {
  return time === null ? null : toIso(time)
}

/** A time as libraries want it. */
export function toDate(time: number): Date {
  return new Date(time)
}

/** Reads an ISO 8601 date or date-time; NaN where it is none. */
export function fromIso(text: string): number {
  return Date.parse(text)
}

/** Waits; an aborted signal ends the wait early and without an error. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await wait(ms, undefined, signal ? { signal } : {}).catch(() => {})
}
