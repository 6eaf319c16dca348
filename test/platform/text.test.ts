import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { z } from 'zod'
import { Refused } from '../../src/platform/problem.ts'
import {
  check,
  fieldErrors,
  JsonNumber,
  memberNumber,
  parseJson,
  safeText,
} from '../../src/platform/text.ts'

describe('safe text', () => {
  const accepts = (text: unknown) => safeText(1, 255).safeParse(text).success

  it.each([
    ['one character', 'a'],
    ['255 characters', 'a'.repeat(255)],
    ['255 characters of two UTF-16 units each', '😀'.repeat(255)],
    ['letters of any alphabet', 'Ünïcødé ፩ 日本'],
    ['blanks and line ends as they are', ' a\n'],
  ])('takes %s', (_, text) => {
    expect(safeText(1, 255).parse(text)).toBe(text)
  })

  it.each([
    ['nothing', ''],
    ['256 characters', 'a'.repeat(256)],
    ['NUL', 'a\0b'],
    ['the first half of a surrogate pair', 'a\ud83d'],
    ['the second half of a surrogate pair', '\ude00a'],
    ['a number', 5],
    ['null', null],
  ])('refuses %s', (_, text) => {
    expect(accepts(text)).toBe(false)
  })
})

describe('reading JSON', () => {
  it('reads what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(parseJson(Buffer.from(text))).toEqual({ value: JSON.parse(text), text })
      }),
    )
  })

  it.each([
    ['no JSON', Buffer.from('{"a":')],
    ['nothing at all', Buffer.alloc(0)],
    ['two values', Buffer.from('1 2')],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['half of a surrogate pair in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['a byte order mark', Buffer.from('\ufeff{"a":1}')],
    ['NaN', Buffer.from('NaN')],
  ])('gives undefined for %s', (_, body) => {
    expect(parseJson(body)).toBeUndefined()
  })

  it('is not brought down by nesting as deep as a body can be', () => {
    const text = '['.repeat(500_000) + ']'.repeat(500_000)
    expect(() => parseJson(Buffer.from(text))).not.toThrow()
    expect(memberNumber(`{"x":${text},"a":1}`, 'a')).toEqual(new JsonNumber('1'))
  })
})

describe('the number that a member is', () => {
  it.each([
    '0.1',
    '1e2',
    '55',
    '55.50',
    '9007199254740993.07',
    '-0',
    '1E-7',
    '123456789012345678901',
  ])('is %s, as it was written', (written) => {
    const around = `{"b":[7,{"a":8}],"x":"\\"a\\":9",\n"a" : ${written} ,"c":10}`
    expect(memberNumber(around, 'a')).toEqual(new JsonNumber(written))
  })

  it('is that of the last of two members of the name, as in JSON', () => {
    expect(memberNumber('{"a":1.0,"b":3,"a":2.00}', 'a')).toEqual(new JsonNumber('2.00'))
    expect(memberNumber('{"a":"1.0","a":2.00}', 'a')).toEqual(new JsonNumber('2.00'))
  })

  it('is found where the name is written with escapes', () => {
    expect(memberNumber('{"\\u0061":4.0}', 'a')).toEqual(new JsonNumber('4.0'))
  })

  it('agrees with JSON itself, whatever stands around it', () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue())
    const amounts = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(members, amounts, members, (before, amount, after) => {
        const text = JSON.stringify({ ...before, a: amount, ...after, a2: 1 })
        const { a } = JSON.parse(text)
        fc.pre(typeof a === 'number')
        expect(Number(memberNumber(text, 'a').text)).toBe(a)
      }),
    )
  })
})

describe('field errors', () => {
  const schema = z.strictObject({ a: z.string(), list: z.array(z.object({ 'x/y~z': z.number() })) })

  it('point at each wrong member as RFC 6901 has it', () => {
    const { error } = schema.safeParse({ a: 1, list: [{ 'x/y~z': 1 }, { 'x/y~z': '' }], more: 1 })
    expect(fieldErrors(error as z.ZodError).map(({ pointer }) => pointer)).toEqual([
      '/a',
      '/list/1/x~1y~0z',
      '/more',
    ])
  })

  it.each([
    [z.number().min(1), 0, 'must be 1 or more'],
    [z.string().max(2), 'abc', 'must have a length of 2 or less'],
    [z.array(z.string()).min(1), [], 'must have a length of 1 or more'],
    [z.enum(['one', 'two']), 'three', 'must be one of one, two'],
    [z.strictObject({}), { more: 1 }, 'is not known here'],
    [z.string(), undefined, 'is missing'],
    [z.string(), 1, 'must be a string'],
    [z.union([z.string(), z.number()]), true, 'is not valid'],
    [z.string().min(1, 'names somebody'), '', 'names somebody'],
  ])('say what is wanted in plain words: %#', (wanted, value, detail) => {
    const { error } = wanted.safeParse(value)
    expect(fieldErrors(error as z.ZodError).map((one) => one.detail)).toEqual([detail])
  })

  it('are carried by the refusal, all at once', () => {
    const refusing = () => check(schema, {}, 'It is not valid.')
    expect(refusing).toThrow(Refused)
    expect(refusing).toThrow(
      expect.objectContaining({
        refusal: {
          code: 'invalid',
          detail: 'It is not valid.',
          errors: [
            { pointer: '/a', detail: expect.any(String) },
            { pointer: '/list', detail: expect.any(String) },
          ],
        },
      }),
    )
  })
})
