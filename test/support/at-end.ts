import { afterAll } from '@jest/globals'

const releases: (() => unknown)[] = []

/** What a test file opened is closed when the file ends, the last first, whatever came of it. */
export function atEnd(release: () => unknown): void {
  releases.push(release)
}

afterAll(async () => {
  const failures: unknown[] = []
  for (const release of releases.splice(0).toReversed())
    try {
      await release()
    } catch (error) {
      failures.push(error)
    }
  if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed')
}, 30_000)
