import { septetsOf } from './alphabet.ts'

/** How a text travels: in septets of the GSM alphabet, or in UTF-16 units where that lacks one. */
export type Encoding = 'gsm' | 'ucs2'

/** What one segment holds. A longer text is cut in several, each of which is paid for. */
export const segmentSize: Record<Encoding, number> = { gsm: 160, ucs2: 70 }

/** Three of its characters, since the alphabet has no ellipsis. */
const ellipsis = '...'

export function encodingOf(text: string): Encoding {
  for (const character of text) if (septetsOf(character) === undefined) return 'ucs2'
  return 'gsm'
}

/** How much of a segment a text takes. */
export function unitsOf(text: string, encoding: Encoding): number {
  if (encoding === 'ucs2') return text.length
  let units = 0
  for (const character of text) units += septetsOf(character) ?? 0
  return units
}

/** The text, or as much of its beginning as leaves room to say that there was more. */
export function shortened(text: string, most: number, encoding: Encoding): string {
  if (unitsOf(text, encoding) <= most) return text
  let left = most - unitsOf(ellipsis, encoding)
  let kept = ''
  for (const character of text) {
    left -= unitsOf(character, encoding)
    if (left < 0) break
    kept += character
  }
  return kept.trimEnd() + ellipsis
}
