import type { Stage } from '../platform/outbound/index.ts'
import { type Caller, createCaller } from './call.ts'
import type { Outcome, Text } from './provider.ts'
import type { OpenProvider } from './providers.ts'

/** What came of handing a text over; `id` names the message among those of all providers. */
export type Handed = {
  outcome: Outcome
  status: number | null
  answer: string | null
  stage: Stage
}

export type Sender = {
  provider: string
  /** Within the time limit. */
  send(text: Text, timeoutMs: number): Promise<Handed>
  close: Caller['close']
}

/** Hands texts to the provider that is chosen. Never rejects. */
export function createSender(
  { provider, settings }: OpenProvider,
  options: Parameters<typeof createCaller>[0],
): Sender {
  const { call, close } = createCaller(options)
  return {
    provider: provider.name,
    async send(text, timeoutMs) {
      const called = await call(provider.request(text, settings), timeoutMs)
      if (called.answer === null) {
        const { failure: why, stage } = called
        return { outcome: { result: 'again', why }, status: null, answer: null, stage }
      }
      const { status, body } = called.answer
      const answer = body.toString('utf8')
      const outcome = provider.outcome({ status, body: answer }, settings, text)
      return { outcome, status, answer, stage: 'after' }
    },
    close,
  }
}
