import type { Clock } from './clock.ts'
import type { NewId } from './id.ts'

/** What rooms take from outside so that a test can decide it: the time and the identifiers. */
export type Tools = { clock: Clock; newId: NewId }
