import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { digestMail } from '../../../src/delivery/channels/digest-mail.ts'
import type { Delivery } from '../../../src/delivery/index.ts'
import { message, type payment } from '../../support/message.ts'

type Change = Partial<typeof payment>

/** The mail of a digest with a payment for each change. */
function mailOf(changes: Change[], address = 'books@partner.example') {
  const members = changes.map((change, i) => {
    const { event } = message(address, { id: `pay_${i}`, ...change })
    return { event, delivery: {} as Delivery }
  })
  const { attachments, ...mail } = digestMail({ id: 'dig_1', members }, 'Giro <giro@bank.example>')
  return { ...mail, file: attachments[0] }
}

const three: Change[] = [
  { amount: '55.00', currency: 'USD', reference_number: 'payer1' },
  { amount: '0.07', currency: 'USD', reference_number: 'payer2' },
  { amount: '1200', currency: 'JPY', reference_number: 'payer3' },
]

describe('the e-mail of a digest', () => {
  it('has the number of payments and the sums by currency in its subject', () => {
    expect(mailOf(three).subject).toBe('3 payments received: 1200 JPY, 55.07 USD (dig_1)')
    expect(mailOf(three.slice(0, 1)).subject).toBe('1 payment received: 55.00 USD (dig_1)')
  })

  it('keeps a subject of many currencies short', () => {
    const currencies = ['EUR', 'USD', 'GBP', 'JPY', 'CHF']
    const many = currencies.map((currency) => ({ amount: '1', currency }))
    expect(mailOf(many).subject).toContain('1.00 CHF, 1.00 EUR, 1.00 GBP and 2 more currencies')
    for (const currency of currencies) expect(mailOf(many).html).toContain(currency)
  })

  it('adds amounts exactly, beyond what a float holds', () => {
    const amounts = Array.from({ length: 10 }, () => ({ amount: '9999999999999999.99' }))
    expect(mailOf(amounts).subject).toContain('99999999999999999.90 USD')
  })

  it('lists every payment in its text, its HTML and its file', () => {
    const { text, html, file } = mailOf(three)
    for (const [i, { reference_number = '', amount = '' }] of three.entries())
      for (const body of [text, html, file?.content])
        for (const part of [`pay_${i}`, reference_number, amount]) expect(body).toContain(part)
    expect(file?.content.split('\r\n')).toHaveLength(1 + 3 + 1)
    expect(file?.content).toMatch(/^id,payment_received_date,.*,amount,currency,/)
    expect(file).toMatchObject({
      filename: 'dig_1.csv',
      contentType: expect.stringMatching(/^text\/csv/),
    })
  })

  it('shows the first of thousands, says how many more there are, and has all in its file', () => {
    const { text, html, file } = mailOf(Array.from({ length: 4000 }, () => ({})))
    expect(text).toContain('and 3800 more in the attached file')
    expect(html).toContain('3800 more')
    expect(Buffer.byteLength(html)).toBeLessThan(200_000)
    expect(file?.content.split('\r\n')).toHaveLength(1 + 4000 + 1)
  })

  it('has a Message-ID of the digest in the domain of the sender, and tells machines that nobody wrote it', () => {
    const mail = mailOf(three)
    expect(mail.messageId).toBe('<dig_1@giro.bank.example>')
    expect(mail.headers).toMatchObject({ 'Auto-Submitted': 'auto-generated' })
  })

  it('has nothing that is fetched from elsewhere', () => {
    expect(mailOf(three).html).not.toMatch(/https?:|src=|url\(|@import/)
  })

  it('lets nothing that a bank wrote become HTML or a header', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>&"\'=/ax \r\n') }), (text) => {
        const mail = mailOf([{ reference_number: text }])
        const tags = (html: string) => html.match(/<\/?\w+/g)
        expect(tags(mail.html)).toEqual(tags(mailOf([{}]).html))
        expect(mail.subject).not.toMatch(/\p{Cc}/u)
      }),
    )
  })
})
