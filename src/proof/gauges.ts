import type { Database } from '../platform/database/index.ts'
import { Gauge, type Metrics } from '../platform/metric.ts'
import { spoolSize } from './store.ts'

/** How far the archive lags behind. */
export function spoolGauges(metrics: Metrics, database: Database): void {
  const registers = [metrics]
  new Gauge({
    name: 'giro_spool_proofs',
    help: 'Proofs that the archive does not hold yet',
    registers,
    aggregator: 'max',
    async collect() {
      this.set((await database.read(spoolSize)).proofs)
    },
  })
  new Gauge({
    name: 'giro_spool_bytes',
    help: 'Bytes of proofs that the archive does not hold yet',
    registers,
    aggregator: 'max',
    async collect() {
      this.set((await database.read(spoolSize)).bytes)
    },
  })
}
