import type { Rate } from '../party/index.ts'

/** What is known of a rate's tokens: two times say all of it. */
export type Tokens = {
  /** In microseconds, in which the rates that there are have whole gaps. */
  spentUntil: number | null
  /** In milliseconds: none is there before. */
  nextToken: number | null
}

/**
 * Takes tokens, as many as there are (the generic cell rate algorithm): each lasts for a gap, and
 * `burst` of them may be taken ahead of their time. Who comes at `nextToken` finds one.
 */
export function spend(
  { perSecond, burst }: Rate,
  { spentUntil }: Tokens,
  { now, wanted }: { now: number; wanted: number },
): Tokens & { taken: number } {
  const gap = Math.round(1_000_000 / perSecond)
  const time = now * 1000
  const from = Math.max(spentUntil ?? 0, time)
  const there = Math.max(0, burst - Math.ceil((from - time) / gap))
  const taken = Math.min(wanted, there)
  const spent = from + taken * gap
  return { taken, spentUntil: spent, nextToken: Math.ceil((spent - (burst - 1) * gap) / 1000) }
}
