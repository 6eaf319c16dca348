import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** Makes identifiers such as `pay_06F3N8Z4T0Q2M5C7…`: a prefix, then 26 characters that sort by time. */
export type NewId = (prefix: IdPrefix) => string

export type IdPrefix =
  | 'att'
  | 'clm'
  | 'dlv'
  | 'evt'
  | 'key'
  | 'lnk'
  | 'pay'
  | 'prf'
  | 'req'
  | 'rte'
  | 'trf'

/** Crockford's base 32: no letter that reads like a digit, and its order is the order of its bytes. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * Ten characters of time (48 bits of milliseconds), eight of chance, eight that count up from a
 * random start. The chance is drawn anew for each millisecond, so processes do not meet, and ids
 * of one process never go backwards, even when the clock does.
 */
export function createIds(clock: Clock): NewId {
  let time = -1
  let head = ''
  let count = 0

  return (prefix) => {
    const now = clock.now()
    if (now > time) {
      time = now
      head = base32(now, 10) + base32(random40(), 8)
      count = Math.floor(random40() / 2)
    }
    count += 1
    return `${prefix}_${head}${base32(count, 8)}`
  }
}

function base32(value: number, length: number): string {
  let text = ''
  let rest = value
  for (let i = 0; i < length; i += 1) {
    text = alphabet[rest % 32] + text
    rest = Math.floor(rest / 32)
  }
  return text
}

let pool = Buffer.alloc(0)
let used = 0

function random40(): number {
  if (used + 5 > pool.length) {
    pool = randomBytes(5 * 512)
    used = 0
  }
  used += 5
  return pool.readUIntBE(used - 5, 5)
}
