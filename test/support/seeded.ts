/** Chance that can be repeated: numbers from 0 to below 1, the same for the same seed. */
export type Chance = {
  next(): number
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number
  /** True so often. */
  happens(probability: number): boolean
  oneOf<T>(choices: readonly [T, ...T[]]): T
}

/** The generator mulberry32: 32 bits of state, good enough to choose moments and amounts. */
export function seeded(seed: number): Chance {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    between,
    happens: (probability) => next() < probability,
    oneOf: (choices) => choices[between(0, choices.length - 1)] ?? choices[0],
  }
}
