import type { ProofPlace } from '../platform/config/index.ts'
import type { ArchiveStore } from './archive-store.ts'
import { folderStore } from './folder-store.ts'

/** The client for S3 takes some 40 MB, so it is loaded where it is asked for. */
export async function openArchive(place: ProofPlace): Promise<ArchiveStore> {
  if (place.kind === 'folder') return folderStore(place.folder)
  const { s3Store } = await import('./s3-store.ts')
  return s3Store(place)
}
