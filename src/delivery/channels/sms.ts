import type { Sender } from '../../sms/index.ts'
import type { Sent } from '../delivery.ts'
import { answerText, type Channel, failed, type Message } from './channel.ts'
import { paymentText, testText } from './payment-text.ts'

/**
 * Hands a text to the provider, which is all that "delivered" says, as with a mail server; what
 * became of it comes later, as a report. After an answer that was lost a second copy may follow:
 * the payment's id in its text is the same.
 */
export function smsChannel(sender: Sender | null): Channel {
  async function send(message: Message): Promise<Sent> {
    if (sender === null)
      return failed('no provider of SMS is configured: set SMS_PROVIDER', 'before')
    const { deliveryId: id, event, route, timeoutMs } = message
    const to = route.contactPath
    const text = event.type === 'giro.test' ? testText : paymentText(message)
    message.shows?.({ headers: { to }, body: text })
    const handed = await sender.send({ id, to, text }, timeoutMs)
    const { outcome, status, stage } = handed
    const answer = handed.answer === null ? null : answerText(Buffer.from(handed.answer))
    if (outcome.result === 'accepted') {
      const messageId = nameOf(sender.provider, outcome.messageId)
      return { delivered: true, stage, status, error: null, answer, messageId }
    }
    const sent = failed(answerText(Buffer.from(outcome.why)), stage, { status, answer })
    return outcome.result === 'never' ? { ...sent, final: true } : sent
  }

  return { send, close: async () => sender?.close() }
}

/** Reports of ids of another kind are not taken, so they need not be known. */
function nameOf(provider: string, messageId: string | null): string | null {
  return messageId !== null && /^[\x21-\x7e]{1,128}$/.test(messageId)
    ? `${provider} ${messageId}`
    : null
}
