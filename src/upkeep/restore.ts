import { copyFileSync, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Schema } from '../platform/database/index.ts'
import { makeFolder } from '../platform/folder.ts'
import { UserError } from '../platform/problem.ts'
import { fingerprint } from '../platform/secret.ts'
import type { BackedUp } from './backup.ts'
import { wholeFile } from './draft.ts'
import { examine } from './examine.ts'

type Restore = {
  from: string
  to: string
  /** The key under which the secrets are to be opened; undefined where none is given. */
  key: Buffer | undefined
  schema: Schema
  step: (doing: string) => void
}

/** Puts a backup where no database is; all that is found out is found out of what was copied. */
export async function restore({ from, to, key, schema, step }: Restore): Promise<BackedUp> {
  if (!statSync(from, { throwIfNoEntry: false })?.isFile())
    throw new UserError(`There is no file ${from}.`)
  if ((statSync(`${from}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw new UserError(`${from} is in use as a database: make a backup of it, and restore that.`)
  refuseRemains(to)
  makeFolder(dirname(to), 'DATA_DIR or DATABASE_URL')
  return wholeFile(to, async (draft) => {
    step('copying')
    copyFileSync(from, draft)
    step('checking')
    const examined = await examine(draft, from, schema)
    requireKey(examined.keyFingerprint, key)
    refuseRemains(to)
    return { ...examined, bytes: statSync(draft).size }
  })
}

/** A log of another database would be taken for that of the restored one, and ruin it. */
function refuseRemains(file: string): void {
  for (const path of [file, `${file}-wal`, `${file}-journal`])
    if (existsSync(path))
      throw new UserError(`There is something at ${path} already: move it away, and restore then.`)
}

function requireKey(known: string | undefined, key: Buffer | undefined): void {
  if (known === undefined) return
  if (key === undefined)
    throw new UserError(
      'The secrets in the backup need its key: put secret.key into DATA_DIR, or set SECRET_KEY.',
    )
  if (fingerprint(key) !== known)
    throw new UserError('The key given is not that of the backup: give it the one it had.')
}
