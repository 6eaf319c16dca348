import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { paymentMail } from '../../../src/delivery/channels/payment-mail.ts'
import { message, payment } from '../../support/message.ts'

const mailOf = (change: Partial<typeof payment> = {}) =>
  paymentMail(message('books@partner.example', change), 'giro@bank.example')

describe('the e-mail of a payment', () => {
  it('has a subject that a person can search for', () => {
    const { subject } = mailOf()
    for (const part of ['55.00', 'USD', 'payer1', 'pay_1']) expect(subject).toContain(part)
  })

  it('says everything in its text and in its HTML', () => {
    const { text, html } = mailOf({ payment_bank_date: '2026-11-20' })
    const told = { ...payment, payment_bank_date: '2026-11-20' }
    for (const value of Object.values(told))
      for (const body of [text, html]) expect(body).toContain(value)
  })

  it('has words for what the bank did not tell', () => {
    const { text, html } = mailOf({ payment_bank_date: null })
    expect(text).not.toMatch(/null|undefined/)
    expect(html).not.toMatch(/null|undefined/)
  })

  it('has a Message-ID that is the same at every try and of this delivery alone', () => {
    expect(mailOf().messageId).toBe(mailOf().messageId)
    expect(mailOf().messageId).toBe('<dlv_1@giro.bank.example>')
    const other = paymentMail(
      { ...message('books@partner.example'), deliveryId: 'dlv_2' },
      'giro@bank.example',
    )
    expect(other.messageId).not.toBe(mailOf().messageId)
  })

  it('tells machines that nobody wrote it', () => {
    expect(mailOf().headers).toMatchObject({ 'Auto-Submitted': 'auto-generated' })
  })

  it('lets nothing that a bank wrote become a header of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (reference_number) => {
        const { subject } = mailOf({ reference_number })
        expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      }),
    )
    expect(mailOf({ reference_number: 'x\r\nBcc: all@example.com' }).subject).toContain(
      'x Bcc: all@example.com',
    )
  })

  it('lets nothing that a bank wrote become HTML', () => {
    const { html } = mailOf({ reference_number: `<img src=x onerror="alert('1')">&amp;` })
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;img src=x onerror=&quot;')
    expect(html).toContain('&amp;amp;')
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>&"\'=/ax ') }), (reference_number) => {
        const tags = (mail: { html: string }) => mail.html.match(/<\/?\w+/g)
        expect(tags(mailOf({ reference_number }))).toEqual(tags(mailOf()))
      }),
    )
  })
})
