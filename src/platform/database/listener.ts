import { sleep } from '../clock.ts'
import { type Service, service } from '../service.ts'

type Options = {
  /** Opens a connection that listens, until it ends; resolves with the way to end it. */
  open: (ended: (error: unknown) => void) => Promise<() => Promise<void>>
  /** Called when listening begins, also after a break: what was said meanwhile was not heard. */
  begun: () => void
  failed: (error: unknown) => void
}

const pauseMs = 500

/** Keeps one connection that listens, and makes it anew after a break. */
export function listener({ open, begun, failed }: Options): Service {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  let end = async () => {}
  let interrupt = () => {}

  async function run() {
    while (!stopping.signal.aborted)
      try {
        const broken = Promise.withResolvers<void>()
        broken.promise.catch(() => {})
        interrupt = broken.resolve
        end = await open(broken.reject)
        begun()
        await broken.promise
      } catch (error) {
        if (stopping.signal.aborted) return
        failed(error)
        await sleep(pauseMs, stopping.signal)
      } finally {
        await end().catch(() => {})
        end = async () => {}
      }
  }

  return service({
    async start() {
      loop = run()
    },
    async stop() {
      stopping.abort()
      interrupt()
      await loop
    },
  })
}
