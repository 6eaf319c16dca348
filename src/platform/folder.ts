import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { UserError } from './problem.ts'

/**
 * Makes a folder and those above it; what is there stays. Node's own recursive mkdir goes round for
 * ever where the system says "no such file" of a place in a folder that exists, as /proc does.
 */
export function makeFolder(folder: string, setting: string): void {
  try {
    make(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UserError(`The folder ${folder} cannot be made (${code}): set another ${setting}.`)
  }
}

/** Payments are in it: nobody else on the machine may look. */
const onlyOwner = 0o700

function make(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(folder) !== folder) make(dirname(folder))
  try {
    mkdirSync(folder, { mode: onlyOwner })
  } catch (error) {
    // Two that start at once make the same folders.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(folder).isDirectory())
      throw error
  }
}
