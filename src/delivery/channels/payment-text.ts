import { encodingOf, segmentSize, shortened, tidied, unitsOf } from '../../sms/index.ts'
import type { Message } from './channel.ts'

/** The end of an id tells payments apart; its beginning is much the same for all of a day. */
const shownOfId = 10

/** The SMS of a sample event, which nobody can take for a payment. */
export const testText = 'Test of Giro: no payment, no money has moved.'

/** The SMS that tells of a payment: one segment, however much the bank wrote. */
export function paymentText({ event }: Pick<Message, 'event'>): string {
  const { payment } = JSON.parse(event.data) as { payment: Record<string, string> }
  const { amount, currency, reference_number: reference = '', id = '' } = payment
  const head = `${amount} ${currency} received from `
  const tail = `. Payment ${id.slice(-shownOfId)}`
  const from = tidied(reference)
  const encoding = encodingOf(head + from + tail)
  const room = segmentSize[encoding] - unitsOf(head + tail, encoding)
  return head + shortened(from, room, encoding) + tail
}
