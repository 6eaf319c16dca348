import type { Message } from './channel.ts'
import { messageId } from './mail-layout.ts'

/** The e-mail of a sample event, which nobody can take for a payment. */
export function testMail({ deliveryId, event }: Message, from: string) {
  const text = 'This is a test of the way on which Giro tells you of payments. No money has moved.'
  return {
    subject: 'Test of Giro: no payment',
    text: `${text}\n`,
    messageId: messageId(deliveryId, from),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Giro-Event': event.id },
  }
}
