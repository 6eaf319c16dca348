import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { septetsOf, tidied } from '../../src/sms/alphabet.ts'
import { encodingOf, segmentSize, shortened, unitsOf } from '../../src/sms/segment.ts'

const gsm = [
  ...'@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&\'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà 0aZ',
  ...'^{}\\[~]|€',
]

const gsmText = fc.string({ unit: fc.constantFrom(...gsm) })
const anyText = fc.string({ unit: 'grapheme', maxLength: 300 })
const room = fc.integer({ min: 3, max: 170 })

describe('the size of a text', () => {
  it.each([
    ['Payment', 'gsm', 7],
    ['', 'gsm', 0],
    ['5 €', 'gsm', 4],
    ['[{~}]', 'gsm', 10],
    ['ÄÖñ@£', 'gsm', 5],
    ['ê', 'ucs2', 1],
    ['`', 'ucs2', 1],
    ['Ж5', 'ucs2', 2],
    ['😀', 'ucs2', 2],
    ['a😀€', 'ucs2', 4],
  ] as const)('of %j is that of %s: %d', (text, encoding, units) => {
    expect(encodingOf(text)).toBe(encoding)
    expect(unitsOf(text, encoding)).toBe(units)
  })

  it('counts a character of the extension table twice, and every other once', () => {
    fc.assert(
      fc.property(gsmText, (text) => {
        const twice = text.match(/[\^{}\\[~\]|€]/g)?.length ?? 0
        expect(unitsOf(text, 'gsm')).toBe(text.length + twice)
      }),
    )
  })

  it('knows 128 septets without ESC, and nine that take two beside form feed', () => {
    const all = Array.from({ length: 0xffff }, (_, code) => septetsOf(String.fromCharCode(code)))
    expect(all.filter((septets) => septets === 1)).toHaveLength(127)
    expect(all.filter((septets) => septets === 2)).toHaveLength(10)
  })
})

describe('a text that is too long', () => {
  it('is shortened to what there is room for, and ends in dots', () => {
    expect(shortened('INVOICE 2026/0815', 10, 'gsm')).toBe('INVOICE...')
    expect(shortened('INVOICE', 7, 'gsm')).toBe('INVOICE')
    expect(shortened('€€€€', 7, 'gsm')).toBe('€€...')
    expect(shortened('😀😀😀', 5, 'ucs2')).toBe('😀...')
  })

  it('always fits, begins as it did, and is never cut within a character', () => {
    fc.assert(
      fc.property(fc.oneof(gsmText, anyText), room, (text, most) => {
        const encoding = encodingOf(text)
        const short = shortened(text, most, encoding)
        expect(unitsOf(short, encoding)).toBeLessThanOrEqual(most)
        expect(short.isWellFormed()).toBe(text.isWellFormed())
        expect(encoding === 'ucs2' || encodingOf(short) === 'gsm').toBe(true)
        if (short !== text) expect(text.startsWith(short.slice(0, -3))).toBe(true)
        else expect(unitsOf(text, encoding)).toBeLessThanOrEqual(most)
      }),
    )
  })

  it('leaves at most one character of room unused, and blanks', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...gsm.filter((one) => one !== ' ')) }),
        room,
        (text, most) => {
          const short = shortened(text, most, 'gsm')
          if (short !== text) expect(unitsOf(short, 'gsm')).toBeGreaterThanOrEqual(most - 1)
        },
      ),
    )
  })

  it('has 160 septets or 70 units to fit in', () => {
    expect(segmentSize).toEqual({ gsm: 160, ucs2: 70 })
  })
})

describe('what others wrote', () => {
  it.each([
    ['“Shop” – ‘17’…', '"Shop" - \'17\'...'],
    ['a\u00a0b\tc\r\nd\u2028e', 'a b c d e'],
    ['  a\0b  ', 'a b'],
    ['\u202egro.\u202cx', 'gro.x'],
    ['Ж«1»', 'Ж"1"'],
    ['ñ€😀', 'ñ€😀'],
  ])('%j is said as %j', (text, said) => {
    expect(tidied(text)).toBe(said)
  })

  it('has no control character left, nor half of a pair that was not there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tidied(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u)
        expect(tidied(text).isWellFormed()).toBe(text.isWellFormed())
        expect(tidied(tidied(text))).toBe(tidied(text))
      }),
    )
  })
})
