/** A database that is a server of its own, and how many connections this process may have. */
export type ServerOptions = { url: string; connections: number }

/**
 * A bank is answered within 10 s whatever becomes of the database: the time to reach it and the
 * time for one statement are well below that.
 *
 * Two are the server's own, in whole seconds. A transaction whose process is gone without a word,
 * as where a network breaks, would hold its locks for hours: the server ends it once it has said
 * nothing for a while, before those who wait for its locks give up.
 */
export const timeouts = { connectMs: 3000, queryMs: 5000, lockMs: 4000, idleMs: 3000 }

/** Units that write hold a connection for longer than reads, and are what there is most of. */
export function shareOut(connections: number): { write: number; read: number } {
  const write = Math.max(1, Math.ceil(connections / 2))
  return { write, read: Math.max(1, connections - write) }
}
