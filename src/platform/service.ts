/**
 * A part that runs for long. Both calls are safe to repeat and `stop` is safe before `start`;
 * `stop` resolves when the work in hand is done. A stopped service stays stopped.
 */
export type Service = {
  start(): Promise<void>
  stop(): Promise<void>
}

/** Gives a pair of plain functions the contract above, so that no service has to earn it alone. */
export function service(parts: { start(): Promise<void>; stop(): Promise<void> }): Service {
  let started: Promise<void> | undefined
  let stopped: Promise<void> | undefined

  return {
    start() {
      if (stopped) return Promise.reject(new Error('this service was stopped'))
      started ??= parts.start()
      return started
    },
    stop() {
      stopped ??= (started ?? Promise.resolve())
        .catch(() => {})
        .then(() => (started ? parts.stop() : undefined))
      return stopped
    },
  }
}

/** Starts services in order and stops them in reverse. */
export function together(services: Service[]): Service {
  return service({
    async start() {
      for (const one of services) await one.start()
    },
    async stop() {
      for (const one of services.toReversed()) await one.stop()
    },
  })
}
