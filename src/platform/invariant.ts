/** Stays on in production: a broken invariant is a fault of ours, and stopping beats nonsense. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantBroken(message)
}

export class InvariantBroken extends Error {
  override name = 'InvariantBroken'
}
