import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atEnd } from './at-end.ts'
import { temporaryFolder } from './folder.ts'

/** A disk of its own, part of which is taken by something else. */
export type SmallDisk = {
  folder: string
  /** Takes what is taken by something else off the disk. */
  makeRoom(): void
}

/**
 * Some megabytes of memory as a disk; null where this user may not mount any. There a limit on the
 * size of files must do, as in intake-unavailable.
 */
export function smallDisk({ megabytes, taken }: { megabytes: number; taken: number }) {
  const folder = temporaryFolder()
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]
    execFileSync('mount', options, { stdio: 'ignore' })
  } catch {
    return null
  }
  atEnd(() => execFileSync('umount', ['--lazy', folder]))
  const ballast = join(folder, 'ballast')
  writeFileSync(ballast, Buffer.alloc(taken * 1024 * 1024))
  const disk: SmallDisk = { folder, makeRoom: () => rmSync(ballast) }
  return disk
}
