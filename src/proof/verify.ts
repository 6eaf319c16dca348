import type { Database } from '../platform/database/index.ts'
import type { ArchiveStore } from './archive-store.ts'
import { eachProof } from './each-proof.ts'
import { type Proof, sha256 } from './proof.ts'
import * as store from './store.ts'

/** A proof whose bytes are not there, not those that were heard, or could not be read. */
export type Wrong = {
  proof: Proof
  state: 'missing' | 'different' | 'unreadable' | 'taken'
  detail: string
}

export type Verified = { proofs: number; spooled: number; bytes: number; wrong: Wrong[] }

type Verify = {
  database: Database
  archive: ArchiveStore
  /** Only those that came since. */
  since: number
  /** Called now and then, with what was found so far. */
  reached: (found: Verified, last: Proof) => void
}

/** Reads the bytes of every proof again, where they are, and compares them with the database. */
export async function verify({ database, archive, since, reached }: Verify): Promise<Verified> {
  await archive.check()
  const found: Verified = { proofs: 0, spooled: 0, bytes: 0, wrong: [] }
  const work = async (proof: Proof, isSpooled: boolean) => {
    const { id } = proof
    const body = isSpooled ? await database.read((db) => store.spooledBody(db, id)) : undefined
    const read = body ? judged(proof, body) : await readAgain(archive, proof)
    found.proofs += 1
    if (body) found.spooled += 1
    found.bytes += read.body?.length ?? 0
    if (read.wrong) found.wrong.push(read.wrong)
  }
  await eachProof({ database, since, work, reached: (last) => reached(found, last) })
  return found
}

type Read = { body: Buffer; wrong: null } | { body: Buffer | null; wrong: Wrong }

/** The bytes of an archived proof, or what is wrong with them. */
export async function readAgain(archive: ArchiveStore, proof: Proof): Promise<Read> {
  try {
    return judged(proof, await archive.get(proof.proofKey))
  } catch (error) {
    // One object may be beyond reading; where the whole archive is, there is no use in going on.
    await archive.check()
    const detail = error instanceof Error ? error.message : String(error)
    return { body: null, wrong: { proof, state: 'unreadable', detail } }
  }
}

function judged(proof: Proof, body: Buffer | null): Read {
  if (!body) return { body, wrong: { proof, state: 'missing', detail: 'it is not there' } }
  const hash = sha256(body)
  if (hash === proof.sha256) return { body, wrong: null }
  const detail = `its SHA-256 is ${hash}, not ${proof.sha256}`
  return { body, wrong: { proof, state: 'different', detail } }
}
