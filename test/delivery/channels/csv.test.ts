import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { csv } from '../../../src/delivery/channels/csv.ts'

/** Reads what RFC 4180 says, character by character. */
function parse(text: string): string[][] {
  const lines: string[][] = []
  let rest = text
  let line: string[] = []
  while (rest !== '') {
    const [cell = '', quoted, bare = ''] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))/.exec(rest) ?? []
    line.push(quoted?.replaceAll('""', '"') ?? bare)
    const end = rest.slice(cell.length)
    if (end.startsWith('\r\n')) lines.push(line)
    else expect(end[0]).toBe(',')
    if (end.startsWith('\r\n')) line = []
    rest = end.slice(end.startsWith('\r\n') ? 2 : 1)
  }
  return lines
}

describe('a CSV file', () => {
  it('has a line break at the end of every line, and quotes only what needs them', () => {
    const lines = [
      ['id', 'amount'],
      ['pay_1', '55.00'],
      ['a "b", c', 'two\r\nlines'],
    ]
    expect(csv(lines)).toBe('id,amount\r\npay_1,55.00\r\n"a ""b"", c","two\r\nlines"\r\n')
  })

  it.each([
    '=1+1',
    '+1',
    '-1+1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1',
    '＝1',
    '=cmd|" /C calc"!A0',
    '"=1"&x'.slice(1),
  ])('lets no spreadsheet compute %j', (value) => {
    const [[cell = ''] = []] = parse(csv([[value]]))
    expect(cell).toBe(`'${value}`)
  })

  it('tells every value again, with an apostrophe at most before it', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'=+-@",;\r\n\t\' a1') }),
    )
    const lines = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1 })
    fc.assert(
      fc.property(lines, (given) => {
        const told = parse(csv(given))
        expect(told).toHaveLength(given.length)
        for (const [i, line] of given.entries())
          for (const [j, value] of line.entries()) {
            expect([value, `'${value}`]).toContain(told[i]?.[j])
            expect(told[i]?.[j]).not.toMatch(/^[=+\-@\t\r\n]/)
          }
      }),
    )
  })
})
