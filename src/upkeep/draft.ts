import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { systemClock } from '../platform/clock.ts'
import { UserError } from '../platform/problem.ts'

/**
 * Makes a file whole or not at all: work fills a draft beside it, for its owner's eyes alone, which
 * is synced and then gets the name. A file of that name is never written over.
 */
export async function wholeFile<T>(file: string, work: (draft: string) => Promise<T>): Promise<T> {
  refuseTaken(file)
  removeLeftovers(file)
  const draft = `${file}.${randomBytes(6).toString('hex')}${ending}`
  closeSync(openSync(draft, 'wx', 0o600))
  try {
    const result = await work(draft)
    syncPath(draft)
    nameOnce(draft, file)
    syncPath(dirname(file))
    return result
  } finally {
    for (const path of [draft, `${draft}-journal`]) rmSync(path, { force: true })
  }
}

const ending = '.partial'

function refuseTaken(file: string): void {
  if (existsSync(file)) throw taken(file)
}

function taken(file: string): UserError {
  return new UserError(`There is something at ${file} already: it stays as it is.`)
}

/** Some file systems have no links; there the name is taken first and then given to the draft. */
const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

function nameOnce(draft: string, file: string): void {
  try {
    try {
      linkSync(draft, file)
    } catch (error) {
      if (!noLinks.includes(`${(error as NodeJS.ErrnoException).code}`)) throw error
      closeSync(openSync(file, 'wx', 0o600))
      renameSync(draft, file)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw taken(file)
    throw error
  }
}

function syncPath(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

const dayMs = 24 * 60 * 60 * 1000

/** Drafts of commands that were killed; one that is at work writes to a younger one. */
function removeLeftovers(file: string): void {
  const folder = dirname(file)
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(file)}.`) || !name.endsWith(ending)) continue
    const path = join(folder, name)
    const writtenAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (systemClock.now() - writtenAt > dayMs) rmSync(path, { force: true })
  }
}
