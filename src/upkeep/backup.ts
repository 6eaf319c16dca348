import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { requireFile, type Schema, snapshotInto } from '../platform/database/index.ts'
import { UserError } from '../platform/problem.ts'
import { wholeFile } from './draft.ts'
import { type Examined, examine } from './examine.ts'

export type BackedUp = Examined & { bytes: number }

type Backup = { from: string; to: string; schema: Schema; step: (doing: string) => void }

/**
 * Copies a database, which may be in use, into a new file that was read from end to end before it
 * got its name. The key is not in it. No folder is made: a disk that is not mounted is missed.
 */
export async function backUp({ from, to, schema, step }: Backup): Promise<BackedUp> {
  requireFile(from)
  if (!statSync(dirname(to), { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`There is no folder ${dirname(to)}: make it, or mount it.`)
  return wholeFile(to, async (draft) => {
    step('copying')
    await snapshotInto(from, draft, schema).catch((error) => {
      throw asUserError(error, dirname(to))
    })
    step('checking')
    const examined = await examine(draft, 'the copy', schema)
    return { ...examined, bytes: statSync(draft).size }
  })
}

/** SQLite says of a disk that is full, or fails, only that it is. */
function asUserError(error: unknown, folder: string): unknown {
  const { code, message } = Object((error as { driverError?: unknown }).driverError ?? error)
  return /^SQLITE_(FULL|IOERR)/.test(`${code}`)
    ? new UserError(`The backup could not be written in ${folder} (${message}): make room there.`)
    : error
}
