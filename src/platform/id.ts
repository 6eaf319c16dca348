import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** Makes identifiers such as `pay_01M7YXPN6GZQCMGP4P7P`: after the prefix they sort by time. */
export type NewId = (prefix: IdPrefix) => string

export type IdPrefix =
  | 'att'
  | 'clm'
  | 'dig'
  | 'dlv'
  | 'evt'
  | 'key'
  | 'lnk'
  | 'pay'
  | 'prf'
  | 'rdl'
  | 'req'
  | 'rte'
  | 'sec'
  | 'trf'
  | 'wrn'

/** Crockford's base 32: no letter that reads like a digit; its order is that of its bytes. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * Ten characters of time (48 bits of milliseconds), then ten that count up from a random start. The
 * start is drawn anew for each millisecond, so processes do not meet, and ids of one process never
 * go backwards, even when the clock does.
 */
export function createIds(clock: Clock): NewId {
  let time = -1
  let head = ''
  let count = 0

  return (prefix) => {
    const now = clock.now()
    if (now > time) {
      time = now
      head = base32(now)
      count = random48()
    }
    count += 1
    return `${prefix}_${head}${base32(count)}`
  }
}

/** Whether this is an identifier that `createIds` made, which nobody else makes again. */
export function isOwnId(value: unknown): boolean {
  return typeof value === 'string' && ownId.test(value)
}

const ownId = new RegExp(`^[a-z]{3}_[${alphabet}]{20}$`)

/** Times beyond those that an id can tell are taken for the last of them, or the first. */
const lastTime = 2 ** 48 - 1

/** Where in the order of ids a time begins: no id that is made then or later is before it. */
export function idsFrom(prefix: IdPrefix, time: number): string {
  return `${prefix}_${base32(Math.min(Math.max(time, 0), lastTime))}`
}

/** For how long after a notice came the ids of what it brings may be made. */
const apartMs = 10_000

/**
 * Bounds of the ids of rows that were received between two times: what looks for them by id need
 * not go over all others. They are wider than the times, which are still to be compared. Where a
 * clock was set back by more than some seconds, ids say a later time than rows until it catches up.
 */
export function idsReceived(prefix: IdPrefix, from?: number, to?: number) {
  return {
    least: from === undefined ? undefined : idsFrom(prefix, from - apartMs),
    below: to === undefined ? undefined : idsFrom(prefix, to + apartMs),
  }
}

/** The lower of two ids, of which either may be missing. */
export function lowerId(one: string | null, other: string | undefined): string | undefined {
  if (one === null || other === undefined) return one ?? other
  return one < other ? one : other
}

/** All pairs of characters: two at a time is half the work, and ids are made by the thousand. */
const pairs = Array.from(
  { length: 32 * 32 },
  (_, value) => `${alphabet[value >> 5]}${alphabet[value & 31]}`,
)

/** Ten characters, the 50 bits of the value from the highest on. */
function base32(value: number): string {
  let text = ''
  let rest = value
  for (let i = 0; i < 5; i += 1) {
    text = pairs[rest % 1024] + text
    rest = Math.floor(rest / 1024)
  }
  return text
}

let pool = Buffer.alloc(0)
let used = 0

/** 48 of the 50 bits that ten characters hold, so that counting up does not overflow them. */
function random48(): number {
  if (used + 6 > pool.length) {
    pool = randomBytes(6 * 512)
    used = 0
  }
  used += 6
  return pool.readUIntBE(used - 6, 6)
}
