import { randomUUID } from 'node:crypto'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { access, constants, link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemClock } from '../platform/clock.ts'
import { makeFolder } from '../platform/folder.ts'
import type { ArchiveObject, ArchiveStore } from './archive-store.ts'
import { sha256 } from './proof.ts'

/**
 * The archive as a folder. A file is written and synced under another name and then linked to its
 * own, which fails where the name is taken: no reader ever sees half a file, none is overwritten.
 */
export function folderStore(root: string): ArchiveStore {
  const incoming = join(root, '.incoming')
  makeFolder(incoming, 'PROOF_STORE')
  removeLeftovers(incoming)
  const syncFolder = foldersSyncedTogether()
  const folders = foldersMadeOnce(root, syncFolder)

  async function get(key: string): Promise<Buffer | null> {
    try {
      return await readFile(join(root, key))
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null
      throw error
    }
  }

  return {
    async put({ key, body, sha256: expected, metadata }: ArchiveObject) {
      const path = join(root, key)
      const folder = dirname(path)
      const description = Buffer.from(`${JSON.stringify(metadata)}\n`)
      const [draft, beside] = [join(incoming, randomUUID()), join(incoming, randomUUID())]
      try {
        // Before any folder is made: where the archive is away, this fails and leaves nothing.
        await writeSynced(draft, body)
        await writeSynced(beside, description)
        await folders.within(folder, async () => {
          // The body comes last, so that where it is, all is.
          await nameOnce(beside, path.replace(/\.bin$/, '.json'))
          await nameOnce(draft, path)
        })
      } finally {
        await Promise.all([draft, beside].map(removeIfThere))
      }
      await syncFolder(folder)
      const kept = sha256(await readFile(path))
      if (kept !== expected) throw new Error(`${path} holds other bytes than the proof: ${kept}`)
    },
    get,
    async sha256(key) {
      const body = await get(key)
      return body && sha256(body)
    },
    check: () => access(incoming, constants.W_OK),
    close() {},
  }
}

/** Drafts of a process that was killed; those of a process that is at work are younger. */
function removeLeftovers(incoming: string): void {
  for (const name of readdirSync(incoming)) {
    const path = join(incoming, name)
    const writtenAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (systemClock.now() - writtenAt > dayMs) rmSync(path, { force: true })
  }
}

const dayMs = 24 * 60 * 60 * 1000

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A name that is taken stays whose it is; whether it holds the same is looked at afterwards. */
async function nameOnce(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error) => {
    if (codeOf(error) !== 'ENOENT') throw error
  })
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

/**
 * Makes each folder once, and anew where it is gone. Everybody waits until its name lasts, also
 * where somebody else has just made it.
 */
function foldersMadeOnce(root: string, syncFolder: (folder: string) => Promise<void>) {
  const known = new Map<string, Promise<void>>()

  async function make(folder: string) {
    await mkdir(folder, { recursive: true })
    for (let at = folder; at.length >= root.length; at = dirname(at)) await syncFolder(at)
  }

  async function made(folder: string) {
    const making = known.get(folder) ?? make(folder)
    known.set(folder, making)
    await making.catch((error) => {
      known.delete(folder)
      throw error
    })
  }

  return {
    async within(folder: string, work: () => Promise<void>): Promise<void> {
      await made(folder)
      try {
        await work()
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error
        known.delete(folder)
        await made(folder)
        await work()
      }
    },
  }
}

/** A new name lasts once its folder is synced; names that come meanwhile share the next sync. */
function foldersSyncedTogether(): (folder: string) => Promise<void> {
  const next = new Map<string, Promise<void>>()
  const running = new Map<string, Promise<void>>()

  return (folder) => {
    const waiting = next.get(folder)
    if (waiting) return waiting
    const turn = (running.get(folder) ?? Promise.resolve())
      .catch(() => {})
      .then(() => {
        next.delete(folder)
        running.set(folder, turn)
        return syncOnce(folder)
      })
    next.set(folder, turn)
    return turn
  }
}

async function syncOnce(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
