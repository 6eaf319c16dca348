import { createAlarm } from './alarm.ts'
import { type Service, service } from './service.ts'

type Options = {
  /** Does some of what there is to do; how long there is nothing more, unless it is woken. */
  look(): Promise<number>
  /** Hears why a look failed; the next one comes after the pause. */
  failed(error: unknown): void
  pauseMs: number
  /** Called at the start with the way to wake it; the answer ends that. */
  listen?: (wake: () => void) => () => void
}

/** Work that is looked for again and again. A stop waits for the look under way. */
export function looping(options: Options): Service & { wake(): void } {
  const { look, failed, pauseMs, listen = () => () => {} } = options
  const alarm = createAlarm()
  let stopping = false
  let running: Promise<void> = Promise.resolve()
  let unlisten = () => {}

  async function run() {
    while (!stopping) {
      alarm.set()
      const restMs = await look().catch((error) => {
        failed(error)
        return pauseMs
      })
      if (!stopping) await alarm.slept(restMs)
    }
  }

  const { start, stop } = service({
    async start() {
      unlisten = listen(alarm.ring)
      running = run()
    },
    async stop() {
      unlisten()
      stopping = true
      alarm.ring()
      await running
    },
  })
  return { start, stop, wake: alarm.ring }
}
