/**
 * Where proofs are kept for ever. `put` is done once a body is there for good and reads back with
 * its hash; a key that is taken is left as it is, and is a fault when it holds other bytes.
 */
export type ArchiveStore = {
  put(object: ArchiveObject): Promise<void>
  /** The exact bytes, or null where there is no such object. */
  get(key: string): Promise<Buffer | null>
  /** The SHA-256 of what is there, which costs less than `get` where the store vouches for it. */
  sha256(key: string): Promise<string | null>
  /** Rejects, saying why, when nothing could be put. */
  check(): Promise<void>
  close(): void
}

export type ArchiveObject = {
  key: string
  body: Buffer
  sha256: string
  contentType: string
  /** What is known of the body, kept beside it. */
  metadata: Record<string, unknown>
}
