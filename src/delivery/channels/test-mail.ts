import type { Message } from './channel.ts'

/** The e-mail of a sample event, which nobody can take for a payment. */
export function testMail({ deliveryId, event, route }: Message) {
  const domain = route.contactPath.split('@').at(-1)
  const text = 'This is a test of the way on which Giro tells you of payments. No money has moved.'
  return {
    subject: 'Test of Giro: no payment',
    text: `${text}\n`,
    messageId: `<${deliveryId}@giro.${domain}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Giro-Event': event.id },
  }
}
