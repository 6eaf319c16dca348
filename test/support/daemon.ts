import type { Message } from '../../src/delivery/channels/channel.ts'
import type { Sent } from '../../src/delivery/delivery.ts'
import { createLanes, defaultRules } from '../../src/delivery/index.ts'
import { settle } from '../../src/payment/index.ts'
import type { Database } from '../../src/platform/database/index.ts'
import { atEnd } from './at-end.ts'
import { quietLog } from './quiet-log.ts'
import type { Road } from './road.ts'

const after = { stage: 'after', error: null } as const
export const delivered: Sent = { ...after, delivered: true, status: 204, answer: '' }
export const failed: Sent = { ...after, delivered: false, status: 500, error: 'no', answer: 'no' }
export const schedule = [0, 5000, 300_000]
export const leaseMs = 60_000

/** A channel that remembers what it was given, and answers when and as the test says. */
export function channel(answer: (message: Message) => Promise<Sent> = async () => delivered) {
  const heard: Message[] = []
  const inFlight = { now: 0, most: 0 }
  return {
    heard,
    inFlight,
    async send(message: Message) {
      heard.push(message)
      inFlight.now += 1
      inFlight.most = Math.max(inFlight.most, inFlight.now)
      return answer(message).finally(() => {
        inFlight.now -= 1
      })
    },
    close: async () => {},
  }
}

type Given = { database?: Database; concurrency?: number }

/** A daemon's lanes, on a road of the test's. */
export function lanesOn(
  road: Road,
  api = channel(),
  { database = road.database, concurrency = 50 }: Given = {},
) {
  const { log, lines } = quietLog()
  const lanes = createLanes({
    ...road.tools,
    database,
    channels: { api, email: channel(), sms: channel() },
    vault: road.vault,
    random: () => 0.5,
    log,
    onDone: (db, done) => settle(db, done, road.tools),
    schedule,
    timeoutMs: 15_000,
    leaseMs,
    concurrency,
    rules: defaultRules,
  })
  atEnd(() => lanes.stop())
  return { lanes, api, lines }
}
