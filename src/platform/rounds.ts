/**
 * Splits a batch so that no round has the same key twice; a repeat then finds in the database what
 * the first of its kind left there. Items without a key never wait. Order within a key is kept.
 */
export function rounds<T>(items: T[], keyOf: (item: T) => string | null): T[][] {
  const result: T[][] = []
  const seen = new Map<string, number>()
  for (const item of items) {
    const key = keyOf(item)
    const round = key === null ? 0 : (seen.get(key) ?? 0)
    if (key !== null) seen.set(key, round + 1)
    result[round] ??= []
    result[round].push(item)
  }
  return result
}
