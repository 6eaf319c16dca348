import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { z } from 'zod'
import {
  cursorNumber,
  dateCursor,
  idCursor,
  numberCursor,
  pageQuery,
  timeQuery,
  toPage,
} from '../../../src/platform/http/index.ts'
import { Refused } from '../../../src/platform/problem.ts'

describe('pages', () => {
  it('come to the whole list, each row once and in order, whatever the limit', () => {
    const rows = fc.uniqueArray(fc.integer(), { maxLength: 60 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 20 }), (all, limit) => {
        const seen: number[] = []
        let after: string | undefined
        for (let i = 0; i <= all.length; i += 1) {
          const last = dateCursor({ limit, after })
          const from = last ? all.indexOf(last.createDate) + 1 : 0
          const page = toPage(
            all.slice(from, from + limit + 1),
            { limit },
            (row) => [row, 'x'],
            (row) => row,
          )
          expect(page.data.length).toBeLessThanOrEqual(limit)
          seen.push(...page.data)
          if (page.next === null) break
          after = page.next
        }
        expect(seen).toEqual(all)
      }),
    )
  })

  it('are refused for a cursor of another list or of nobody', () => {
    const other = Buffer.from('["only"]').toString('base64url')
    for (const after of ['', 'x', 'bnVsbA', other, '%00'])
      expect(() => dateCursor({ limit: 1, after })).toThrow(Refused)
  })
})

describe('a cursor of ids', () => {
  it('is the last id of the page before', () => {
    const { next } = toPage(
      ['pay_2', 'pay_1'],
      { limit: 1 },
      (id) => [id],
      (id) => id,
    )
    expect(idCursor({ limit: 1, after: next ?? '' })).toBe('pay_2')
    expect(idCursor({ limit: 1 })).toBeNull()
  })
})

describe('a cursor of numbers', () => {
  it.each([0, 1, Number.MAX_SAFE_INTEGER])('goes on after %s', (number) => {
    expect(cursorNumber(numberCursor(number), 'after')).toBe(number)
  })

  it('is refused under the name of the member that it was given as', () => {
    for (const cursor of ['', 'x', numberCursor(-1), numberCursor(1.5)])
      expect(() => cursorNumber(cursor, 'last-event-id')).toThrow(
        expect.objectContaining({
          refusal: expect.objectContaining({
            errors: [{ pointer: '/last-event-id', detail: expect.any(String) }],
          }),
        }),
      )
  })
})

describe('the limit of a page', () => {
  const query = z.strictObject(pageQuery)

  it('is 50 when none is given', () => {
    expect(query.parse({})).toEqual({ limit: 50 })
  })

  it.each(['1', '50', '500'])('may be %s', (limit) => {
    expect(query.parse({ limit })).toEqual({ limit: Number(limit) })
  })

  it.each(['0', '-1', '501', '1.5', 'x', '', ' ', 'Infinity'])('may not be %j', (limit) => {
    expect(query.safeParse({ limit }).success).toBe(false)
  })
})

describe('a span of time', () => {
  const query = z.strictObject(timeQuery)

  it('is in ISO 8601, as a day or to the millisecond', () => {
    expect(query.parse({ from: '2026-11-21', to: '2026-11-21T10:40:27.123+01:00' })).toEqual({
      from: Date.UTC(2026, 10, 21),
      to: Date.UTC(2026, 10, 21, 9, 40, 27, 123),
    })
  })

  it.each(['yesterday', '2026-13-01', '2026-02-30', '1', '', '2026-11-21T10:40'])(
    'is not %j',
    (from) => {
      expect(query.safeParse({ from }).success).toBe(false)
    },
  )
})
