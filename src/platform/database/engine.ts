import type { Service } from '../service.ts'
import type { Dialect } from './dialect.ts'
import type { Session } from './session.ts'

/** What the door needs to know of a database: one implementation for each dialect. */
export type Engine = {
  dialect: Dialect
  /** How many units may be inside at once. */
  width: { write: number; read: number }
  /** A connection inside a transaction that was begun for the purpose. */
  begin(purpose: 'write' | 'read'): Promise<Session>
  /** Throws when what was opened is not there any more; asked right before a commit. */
  assertThere(): void
  /** Throws when there is no room for another notice; a server has to know that itself. */
  assertRoom(): Promise<void>
  /** Tells other processes at the commit; where they look for themselves, it does nothing. */
  announce(session: Session, topics: Iterable<string>): Promise<void>
  /** Calls back when another process may have committed. */
  watch(heard: () => void, failed: (error: unknown) => void): Service
  close(): Promise<void>
}
