import { describe, expect, it } from '@jest/globals'
import { defaultRules } from '../../src/delivery/breaker.ts'
import type { Claimed } from '../../src/delivery/claim.ts'
import type { Sent } from '../../src/delivery/delivery.ts'
import { createFlights } from '../../src/delivery/flights.ts'
import type { Database } from '../../src/platform/database/index.ts'
import { atEnd } from '../support/at-end.ts'
import { manualClock } from '../support/manual-clock.ts'
import { quietLog } from '../support/quiet-log.ts'
import { turns } from '../support/turns.ts'

const delivered: Sent = {
  delivered: true,
  stage: 'after',
  status: 204,
  error: null,
  answer: '',
}

const claimed = (routeId: string) =>
  ({
    delivery: { id: `dlv of ${routeId}`, routeId, dueDate: 60_000 },
    event: {},
    route: {
      notifyMethod: 'api',
      secret: null,
      headers: null,
      auth: null,
      clientCertificate: null,
      policy: null,
    },
    oldSecrets: [],
    digest: null,
  }) as unknown as Claimed

/** Flights on a database that does not answer, to partners who answer as the test says. */
function flying(concurrency: number, answer: () => Promise<Sent> = async () => delivered) {
  const { clock } = manualClock()
  const { log, lines } = quietLog()
  const away = Promise.withResolvers<never>()
  away.promise.catch(() => {})
  atEnd(() => away.reject(new Error('the test is over')))
  let freed = 0
  const channel = { send: answer, close: async () => {} }
  const flights = createFlights(
    {
      database: { writers: 1, write: () => away.promise } as unknown as Database,
      record: () => away.promise,
      channels: { api: channel, email: channel, sms: channel },
      vault: { seal: (plain) => plain, open: (sealed) => sealed, fingerprint: '' },
      clock,
      newId: () => 'id',
      random: () => 0.5,
      schedule: [0],
      timeoutMs: 5000,
      leaseMs: 60_000,
      rules: defaultRules,
      onDone: async () => {},
      log,
      concurrency,
      stopping: new AbortController().signal,
    },
    () => {
      freed += 1
    },
  )
  return { flights, lines, freed: () => freed }
}

describe('flights', () => {
  it('free their slot when the partner has answered, recorded or not', async () => {
    const { flights, freed } = flying(2)
    flights.start(claimed('a'))
    flights.start(claimed('b'))
    expect(flights.room()).toBe(false)
    await turns(3)
    expect([flights.slots.free(), flights.room()]).toEqual([2, true])
    expect(freed()).toBeGreaterThan(0)
  })

  it('call back at once where no slot was free, though others are still under way', async () => {
    const answers = [delivered].values()
    const { flights, freed } = flying(8, async () => answers.next().value ?? new Promise(() => {}))
    for (const route of 'abcdefgh') flights.start(claimed(route))
    await turns(3)
    expect([flights.slots.free(), freed()]).toEqual([1, 1])
  })

  it('leave no room for more while twice as many as there are slots wait to be recorded', async () => {
    const { flights } = flying(2)
    for (const route of ['a', 'b', 'c', 'd']) {
      expect(flights.room()).toBe(true)
      flights.start(claimed(route))
      await turns(3)
    }
    expect([flights.slots.free(), flights.room()]).toEqual([2, false])
  })

  it('free their slot also when sending breaks in a way that nobody thought of', async () => {
    const { flights, lines } = flying(1, async () => {
      throw new Error('unheard of')
    })
    flights.start(claimed('a'))
    await flights.ended()
    expect(flights.room()).toBe(true)
    expect(lines.map(({ msg }) => msg)).toEqual(['delivery could not be recorded'])
  })
})
