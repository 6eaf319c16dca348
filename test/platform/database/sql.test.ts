import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { join, list, sql } from '../../../src/platform/database/index.ts'

describe('sql', () => {
  it('sends every value as a parameter and every piece as it is', () => {
    const where = sql`id = ${"x'; DROP TABLE payments; --"}`
    const { text, params } = sql`SELECT * FROM t WHERE ${where} LIMIT ${5}`
    expect(text).toBe('SELECT * FROM t WHERE id = ? LIMIT ?')
    expect(params).toEqual(["x'; DROP TABLE payments; --", 5])
  })

  it('joins pieces and their parameters in order', () => {
    const { text, params } = join([sql`a = ${1}`, sql`b = 2`, sql`c = ${3}`], ' AND ')
    expect({ text, params }).toEqual({ text: 'a = ? AND b = 2 AND c = ?', params: [1, 3] })
  })
})

describe('a list for IN', () => {
  it('is filled up to a power of two with its last value, so it matches the same', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 300 }), (values) => {
        const { text, params } = list(values)
        expect(text.split('?').length - 1).toBe(params.length)
        expect(Math.log2(params.length) % 1).toBe(0)
        expect(params.length).toBeLessThan(values.length * 2)
        expect(params.slice(0, values.length)).toEqual(values)
        expect(new Set(params)).toEqual(new Set(values))
      }),
    )
  })

  it('matches nothing when it is empty', () => {
    expect(list([])).toMatchObject({ text: '(NULL)', params: [] })
  })
})
