/**
 * The rows in the order of a text of theirs. Processes that write the same keys in one order wait
 * for each other at most; in orders of their own they would wait crosswise.
 */
export function inOrder<T>(rows: Iterable<T>, textOf: (row: T) => string): T[] {
  return [...rows].sort((a, b) => byText(textOf(a), textOf(b)))
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
