/** A bound that a figure has to keep: at least or at most so much. */
export type Target = { atLeast: number } | { atMost: number }

/** What a case found: one value a round, summed up as their median and their least and most. */
export type Figure = {
  name: string
  unit: 'per second' | 'ms' | 'MB' | 'cores' | 'ratio'
  median: number
  least: number
  most: number
  rounds: number
  target?: Target
  met?: boolean
}

export function figure(
  name: string,
  unit: Figure['unit'],
  values: number[],
  target?: Target,
): Figure {
  const median = percentile(values, 50)
  const spread = { least: Math.min(...values), most: Math.max(...values) }
  const judged = target && { target, met: keeps(median, target) }
  return { name, unit, median, ...spread, rounds: values.length, ...judged }
}

/** The value below which so many of a hundred lie; between two neighbours, a share of each. */
export function percentile(values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = ((sorted.length - 1) * percent) / 100
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** Each round against the floor of the same round, so that both had the same weather. */
export function ratios(values: number[], floors: number[]): number[] {
  return values.map((value, i) => value / (floors[i] ?? Number.NaN))
}

function keeps(value: number, target: Target): boolean {
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost
}
