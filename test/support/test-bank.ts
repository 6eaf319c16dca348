import { z } from 'zod'
import { type Bank, type BankAnswer, bank } from '../../src/intake/bank.ts'
import type { Heard } from '../../src/intake/judge.ts'
import type { Decision } from '../../src/payment/index.ts'
import { original } from '../../src/proof/index.ts'
import { type Road, reading } from './road.ts'

/** Many payments a notice: lines of `payer partner minor-units [transaction]`. */
export const linesBank: Bank = bank({
  name: 'lines_bank',
  documentation: { contentType: 'text/plain', notice: z.string(), answer: z.string() },
  settings: {},
  secretHeaders: new Set(['x-lines-signature']),
  missing: () => null,
  authenticates: () => true,
  read({ body }) {
    const text = body.toString()
    if (text === 'nonsense')
      return { ok: false, refusal: { code: 'json_unreadable', detail: 'These are no lines.' } }
    if (text === 'wrong') return { ok: false, refusal: { code: 'invalid', detail: 'Wrong lines.' } }
    return { ok: true, readings: text.split('\n').filter(Boolean).map(readingOf) }
  },
  answer: answerLines,
})

function readingOf(line: string) {
  const [referenceNumber = '', accountNumber = '', amount = '0', transaction] = line.split(' ')
  return reading({
    referenceNumber,
    accountNumber,
    money: { amount: BigInt(amount), currency: 'USD' },
    bankTransactionId: transaction ?? null,
  })
}

/** A refusal where nothing else was decided; otherwise a line for each reading. */
function answerLines(decisions: Decision[]): BankAnswer {
  const [first] = decisions
  if (first?.status === 'refused' && decisions.every(({ status }) => status === 'refused')) {
    const [{ code, detail }] = first.objections
    return { ok: false, refusal: { code, detail: `${detail}.` } }
  }
  const lines = decisions.map((one) =>
    one.status === 'refused' ? one.objections[0].code : `${one.status} ${one.payment.id}`,
  )
  return { ok: true, status: 201, contentType: 'text/plain', body: lines.join('\n') }
}

/** A notice as the door hands it on, read and with ids for its payments. */
export function heard(road: Road, text: string, idempotencyKey: string | null = null): Heard {
  const { clock, newId } = road
  const body = Buffer.from(text)
  const read = linesBank.read({ headers: {}, body, remoteAddress: '192.0.2.1' })
  return {
    bank: linesBank,
    original: original({
      id: newId('prf'),
      bank: linesBank.name,
      method: 'POST',
      path: '/lines_bank',
      headers: {},
      secretHeaders: linesBank.secretHeaders,
      body,
      remoteAddress: '192.0.2.1',
      receivedDate: clock.now(),
    }),
    read,
    idempotencyKey,
    paymentIds: read.ok ? read.readings.map(() => newId('pay')) : [],
  }
}
