import { Counter, type Metrics } from '../metric.ts'
import type { Database, Reason } from './database.ts'

/** How often this process had to begin a unit anew, and why. */
export function databaseCounters(metrics: Metrics, { repeated }: Pick<Database, 'repeated'>): void {
  new Counter({
    name: 'giro_database_units_repeated_total',
    help: 'Units of work begun anew: another was in the way, or the answer to a commit was lost',
    labelNames: ['reason'],
    registers: [metrics],
    collect() {
      this.reset()
      for (const reason of Object.keys(repeated) as Reason[]) this.inc({ reason }, repeated[reason])
    },
  })
}
