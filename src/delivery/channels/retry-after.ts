import { fromIso } from '../../platform/clock.ts'

/** RFC 9110 has one way to write a date, and two old ones that are to be understood. */
const dates = [
  /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
]

/** How long a partner wants to be left alone, by its header; null where it does not say. */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | null {
  const text = [header].flat()[0]?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  if (!dates.some((form) => form.test(text))) return null
  const time = fromIso(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(time) ? null : Math.max(0, time - now)
}
