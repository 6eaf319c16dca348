import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import { Counter, Gauge, type Metrics } from '../platform/metric.ts'
import * as store from './store.ts'

/** Beyond this many the gauge stays where it is: counting more would cost more than it tells. */
const countedAtMost = 10_000

/** What an operator would be woken for: how much is due, and for how long. */
export function deliveryGauges(metrics: Metrics, database: Database, clock: Clock): void {
  const registers = [metrics]
  new Gauge({
    name: 'giro_deliveries_due',
    help: `Deliveries that are due now, counted up to ${countedAtMost}`,
    registers,
    aggregator: 'max',
    async collect() {
      this.set(await database.read((db) => store.countDue(db, clock.now(), countedAtMost)))
    },
  })
  new Gauge({
    name: 'giro_delivery_oldest_due_seconds',
    help: 'For how long the oldest due delivery has been due; 0 when none is',
    registers,
    aggregator: 'max',
    async collect() {
      const due = await database.read((db) => store.nextDue(db))
      this.set(due === null ? 0 : Math.max(0, (clock.now() - due) / 1000))
    },
  })
  const onStrictRoutes = { waiting: 'wait for their turn', parked: 'gave up' }
  for (const status of ['waiting', 'parked'] as const)
    new Gauge({
      name: `giro_deliveries_${status}`,
      help: `Deliveries that ${onStrictRoutes[status]} on strict routes, up to ${countedAtMost}`,
      registers,
      aggregator: 'max',
      async collect() {
        this.set(await database.read((db) => store.countIn(db, status, countedAtMost)))
      },
    })
  new Counter({
    name: 'giro_delivery_attempts_total',
    help: 'Attempts by method and result, of all daemons since the beginning',
    labelNames: ['notify_method', 'result'],
    registers,
    aggregator: 'max',
    async collect() {
      const totals = await database.read(store.totals)
      this.reset()
      for (const { notifyMethod: notify_method, result, count } of totals)
        this.inc({ notify_method, result }, count)
    },
  })
}
