import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import { Counter, Gauge, type Metrics } from '../platform/metric.ts'
import * as laneStore from './lane-store.ts'
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
    help: 'For how long the oldest due delivery has been due that no lane holds; 0 when none is',
    registers,
    aggregator: 'max',
    async collect() {
      const now = clock.now()
      const due = await database.read(async (db) => {
        const held = (await laneStore.heldLanes(db, now)).map(({ routeId }) => routeId)
        return store.nextDue(db, held)
      })
      this.set(due === null ? 0 : Math.max(0, (now - due) / 1000))
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
  laneGauges(metrics, database)
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

function laneGauges(metrics: Metrics, database: Database): void {
  const registers = [metrics]
  new Gauge({
    name: 'giro_lanes_open',
    help: 'Routes that failed so often that nothing is sent on them but a try now and then',
    registers,
    aggregator: 'max',
    async collect() {
      this.set((await database.read(laneStore.countLanes)).open)
    },
  })
  new Counter({
    name: 'giro_lane_openings_total',
    help: 'How often a lane was opened, of all routes that there are',
    registers,
    aggregator: 'max',
    async collect() {
      const { openings } = await database.read(laneStore.countLanes)
      this.reset()
      this.inc(openings)
    },
  })
}
