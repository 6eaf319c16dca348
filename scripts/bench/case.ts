import type { Figure } from './figures.ts'
import type { Host } from './host.ts'

export type Options = {
  /** Where the databases are that this is measured on. */
  on: Host
  /** For how long one round of load lasts. */
  seconds: number
  rounds: number
  /** How many payments a long life has left behind. */
  payments: number
  /** Tells whoever watches how far it is. */
  say(progress: string): void
}

/** Measures one thing, and throws where Giro did not do its work right meanwhile. */
export type Case = (options: Options) => Promise<Figure[]>

/** Speed counts only where the work was done. */
export function check(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new IncorrectWork(otherwise)
}

export class IncorrectWork extends Error {
  override name = 'IncorrectWork'
}

export async function inRounds(count: number, work: (round: number) => Promise<void>) {
  for (let round = 1; round <= count; round += 1) await work(round)
}
