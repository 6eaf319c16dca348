import type { Called } from '../../platform/outbound/index.ts'
import type { Sent } from '../delivery.ts'
import { answerText, failed } from './channel.ts'
import { retryAfterMs } from './retry-after.ts'

/** What a webhook came to: 2xx is success, whatever the body, and also where that was cut. */
export function sentBy(called: Called, now: number): Sent {
  if (called.answer === null) return failed(called.failure, called.stage)
  const { status, headers, body } = called.answer
  const answer = answerText(body)
  if (status >= 200 && status < 300)
    return { delivered: true, stage: 'after', status, error: null, answer }
  const redirected = status >= 300 && status < 400
  const why = redirected ? 'a redirect, which is not followed' : 'not a success'
  const asked = retryAfterMs(headers['retry-after'], now)
  const said = { status, answer, ...(asked !== null && { retryAfterMs: asked }) }
  return failed(`the partner answered ${status}: ${why}`, 'after', said)
}
