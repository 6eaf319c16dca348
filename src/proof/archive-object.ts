import type { ArchiveObject } from './archive-store.ts'
import type { Proof } from './proof.ts'
import { viewProof } from './view.ts'

/** A proof as the archive takes it. */
export function archiveObject(proof: Proof, body: Buffer): ArchiveObject {
  const metadata = viewProof(proof)
  return {
    key: proof.proofKey,
    body,
    sha256: proof.sha256,
    contentType: contentTypeOf(metadata.headers['content-type']),
    metadata,
  }
}

const mediaType = /^[\w.+-]{1,60}\/[\w.+-]{1,60}( *; *charset="?[\w-]{1,20}"?)?$/

/** What the bank said, where that is a type at all. */
function contentTypeOf(said: unknown): string {
  return typeof said === 'string' && mediaType.test(said) ? said : 'application/octet-stream'
}
