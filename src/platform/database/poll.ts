import { sleep } from '../clock.ts'
import { type Service, service } from '../service.ts'

type Options = {
  intervalMs: number
  /** Whether there may be something new. */
  ask: () => Promise<boolean>
  heard: () => void
  failed: (error: unknown) => void
}

const pauseAfterFailureMs = 1000

/** Asks again and again whether another process may have committed, and calls back when so. */
export function poll({ intervalMs, ask, heard, failed }: Options): Service {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()

  async function run() {
    while (!stopping.signal.aborted) {
      await sleep(intervalMs, stopping.signal)
      try {
        if (await ask()) heard()
      } catch (error) {
        failed(error)
        await sleep(pauseAfterFailureMs, stopping.signal)
      }
    }
  }

  return service({
    async start() {
      loop = run()
    },
    async stop() {
      stopping.abort()
      await loop
    },
  })
}
