import { type Config, pathOf } from './config/index.ts'
import type { Database, Db } from './database/index.ts'
import { fact, factOr, heldFact, setFact } from './fact.ts'
import { Refused, UserError } from './problem.ts'
import { createVault, hasSecretKey, keptSecretKey, nextSecretKey, type Vault } from './secret.ts'

type Keyed = Pick<Config, 'secretKey' | 'databaseUrl' | 'dataDir'>

const another = 'SECRET_KEY is not the key of this database: give it the one it had.'

/**
 * Opens the vault with the key of this database, whose fingerprint the database keeps: with another
 * key nothing that is sealed could be opened, and nobody would be told.
 */
export async function openVault(config: Keyed, database: Database): Promise<Vault> {
  await refuseUnfinished(database)
  const vault = createVault(await keyOf(config, database))
  const own = vault.fingerprint
  const known =
    (await database.read((db) => fact(db, 'secret_key_fingerprint'))) ??
    (await database.write((db) => factOr(db, 'secret_key_fingerprint', own)))
  if (known !== own) throw new UserError(another)
  return vault
}

/**
 * For whoever seals, before anything else in its unit: the key is that of the database, and stays
 * so until the unit ends. A process that runs since before a rotation would otherwise write what
 * nobody could open again.
 */
export async function holdKey(db: Db, vault: Vault): Promise<void> {
  const known = await heldFact(db, 'secret_key_fingerprint')
  if (known !== undefined && known !== vault.fingerprint)
    throw new Refused(
      'unavailable',
      'SECRET_KEY was rotated: this process must be started again, with the new one.',
    )
}

/** `same` where all was under the new key already. `file`: Giro keeps the key in one. */
export type Rotated = { state: 'rotated' | 'same'; sealed: number; file: boolean }

type Rotation = {
  config: Keyed
  database: Database
  newKey: Buffer
  /** Puts all that is sealed from one vault into another; how many it were. */
  reseal: (db: Db, from: Vault, to: Vault) => Promise<number>
}

/**
 * Puts all that is sealed under another key, in one unit with the key's fingerprint: there is no
 * time at which the database has both. A key that Giro keeps in a file is replaced after that; who
 * is interrupted between the two repeats it, and finds only the file to be done.
 */
export async function rotateKey({ config, database, newKey, reseal }: Rotation): Promise<Rotated> {
  await refuseUnfinished(database)
  const to = createVault(newKey)
  const file = config.secretKey === null && isFile(config)
  const known = await database.read((db) => fact(db, 'secret_key_fingerprint'))
  const isDone = known === to.fingerprint
  const from = isDone ? to : createVault(await keyOf(config, database))
  if (known !== undefined && known !== from.fingerprint) throw new UserError(another)
  const next = file ? nextSecretKey(pathOf(config.dataDir), newKey) : undefined
  try {
    const sealed = isDone ? 0 : await resealed(database, { from, to, reseal })
    next?.take()
    return { state: isDone ? 'same' : 'rotated', sealed, file }
  } catch (error) {
    // Where it is not sure that nothing was done, the key that may be needed stays.
    if (error instanceof UserError) next?.drop()
    throw error
  }
}

type Resealing = { from: Vault; to: Vault } & Pick<Rotation, 'reseal'>

function resealed(database: Database, { from, to, reseal }: Resealing): Promise<number> {
  return database.write(async (db) => {
    const known = await heldFact(db, 'secret_key_fingerprint')
    if (known !== undefined && known !== from.fingerprint) throw new UserError(another)
    const sealed = await reseal(db, from, to)
    await setFact(db, 'secret_key_fingerprint', to.fingerprint)
    return sealed
  })
}

async function refuseUnfinished(database: Database): Promise<void> {
  if ((await database.read((db) => fact(db, 'unfinished_copy'))) !== undefined)
    throw new UserError('This database is an unfinished copy: run manage copy-to again.')
}

function isFile({ databaseUrl }: Keyed): boolean {
  return databaseUrl.startsWith('sqlite:')
}

/** Processes that share a server may have no folder in common, so there the key must be given. */
async function keyOf(config: Keyed, database: Database): Promise<Buffer> {
  if (config.secretKey !== null) return config.secretKey
  if (!isFile(config))
    throw new UserError('Set SECRET_KEY to 32 bytes as hex, the same for all on this database.')
  const folder = pathOf(config.dataDir)
  const isKeyed = await database.read((db) => fact(db, 'secret_key_fingerprint'))
  if (isKeyed !== undefined && !hasSecretKey(folder))
    throw new UserError(`The secrets of routes need the key in ${folder}/secret.key: put it back.`)
  return keptSecretKey(folder)
}
