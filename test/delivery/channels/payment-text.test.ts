import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { paymentText } from '../../../src/delivery/channels/payment-text.ts'
import { encodingOf, segmentSize, unitsOf } from '../../../src/sms/index.ts'
import { message, type payment } from '../../support/message.ts'

const id = 'pay_01M7YXPN6GZQCMGP4P7P'

const textOf = (change: Partial<typeof payment> = {}) =>
  paymentText(message('+254711223344', { id, ...change }))

const isOneSegment = (text: string) => {
  const encoding = encodingOf(text)
  return unitsOf(text, encoding) <= segmentSize[encoding]
}

describe('the SMS of a payment', () => {
  it('says amount, currency, payer and the end of the id', () => {
    expect(textOf()).toBe('55.00 USD received from payer1. Payment ZQCMGP4P7P')
  })

  it('shortens a long reference, and nothing else', () => {
    const text = textOf({ reference_number: 'INVOICE '.repeat(40) })
    expect(text).toMatch(/^55\.00 USD received from INVOICE .*\.\.\.\. Payment ZQCMGP4P7P$/)
    expect(text.length).toBeGreaterThan(155)
    expect(isOneSegment(text)).toBe(true)
    const other = textOf({ reference_number: 'Платёж за обучение '.repeat(10) })
    expect(other).toMatch(/^55\.00 USD received from Платёж.*\.\.\.\. Payment ZQCMGP4P7P$/)
    expect(isOneSegment(other)).toBe(true)
  })

  it('stays in the alphabet where that says the same', () => {
    expect(encodingOf(textOf({ reference_number: '“Shop” – 17…' }))).toBe('gsm')
  })

  it('is one segment on one line, whatever a bank wrote and however much', () => {
    const reference = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 255 }),
      fc.string({ unit: 'grapheme', maxLength: 255 }),
      fc.string({ unit: fc.constantFrom(...'€[]{a '), maxLength: 255 }),
    )
    fc.assert(
      fc.property(reference, (reference_number) => {
        const text = textOf({ reference_number, amount: '9999999999999999.99' })
        expect(isOneSegment(text)).toBe(true)
        expect(text).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        expect(text).toContain('9999999999999999.99 USD')
        expect(text).toMatch(/Payment ZQCMGP4P7P$/)
      }),
    )
  })
})
