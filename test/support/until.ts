import { setTimeout as wait } from 'node:timers/promises'

const lookAgainMs = 10

/**
 * Waits for a condition: looks until it finds something that is not false, null or undefined, and
 * gives it back. The only place where tests wait; beyond the limit it fails and says for what.
 */
export async function until<T>(
  what: string | (() => string),
  look: () => T | Promise<T>,
  limitMs = 10_000,
): Promise<Exclude<T, null | undefined | false>> {
  const giveUpAt = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== false && found !== null && found !== undefined)
      return found as Exclude<T, null | undefined | false>
    if (performance.now() > giveUpAt)
      throw new Error(`not within ${limitMs} ms: ${typeof what === 'string' ? what : what()}`)
    await wait(lookAgainMs)
  }
}
