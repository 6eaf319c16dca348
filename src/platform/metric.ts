import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client'

export { Counter, Gauge, Histogram } from 'prom-client'

/** Each process (and each test) has a registry of its own; `/metrics` prints it. */
export type Metrics = Registry

export function createMetrics(): Metrics {
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  return metrics
}

/** What one process has measured, as it travels to another. */
export type Measured = Awaited<ReturnType<Metrics['getMetricsAsJSON']>>

/** Prints what several processes have measured: sums, unless a metric says otherwise. */
export function printSums(all: Measured[]): Promise<string> {
  return AggregatorRegistry.aggregate(all).metrics()
}
