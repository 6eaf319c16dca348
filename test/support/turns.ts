import { setImmediate as turn } from 'node:timers/promises'

/** Lets the event loop turn so often, for what must not happen meanwhile. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await turn()
}

/** A promise that can be asked whether it has settled. */
export type Watched<T> = { settled(): boolean; promise: Promise<T> }

export function watched<T>(promise: Promise<T>): Watched<T> {
  let settled = false
  const settle = () => {
    settled = true
  }
  promise.then(settle, settle)
  return { settled: () => settled, promise }
}
