import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from '../database/index.ts'
import { type S3Place, s3PlaceOf } from './s3-place.ts'
import type { Values } from './setting.ts'
import type { settings } from './settings.ts'

export { type Dkim, dkimOf } from './dkim.ts'
export { type Environment, loadSettings, type SettingShown, showSettings } from './load.ts'
export type { MailServer } from './mail-server.ts'
export type { S3Place } from './s3-place.ts'
export {
  BadValue,
  bearerToken,
  databaseUrl,
  hex,
  hidden,
  oneOf,
  type Setting,
  serverUrlOf,
  setting,
  text,
  type Values,
  withoutPassword,
} from './setting.ts'
export { proofStoreUrl, settings } from './settings.ts'

export type Config = Values<typeof settings>

const repository = fileURLToPath(new URL('../../../', import.meta.url))

/** Paths in settings are from the repository's root, wherever a command is started. */
export function pathOf(value: string): string {
  return resolve(repository, value.replace(/^(sqlite|file):/, ''))
}

/** True for names and addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

type DatabaseSettings = Pick<Config, 'databaseUrl' | 'databaseConnections'>

/** Where the database is, and how many connections this process may have to it. */
export function placeOf({
  databaseUrl,
  databaseConnections: connections,
}: DatabaseSettings): Place {
  if (databaseUrl.startsWith('sqlite:')) return { dialect: 'sqlite', file: pathOf(databaseUrl) }
  const dialect = databaseUrl.startsWith('postgres') ? 'postgres' : 'mariadb'
  return { dialect, url: databaseUrl, connections }
}

/** Where the archive of proofs is. */
export type ProofPlace = { kind: 'folder'; folder: string } | ({ kind: 's3' } & S3Place)

export function proofPlaceOf(proofStore: string): ProofPlace {
  if (proofStore.startsWith('s3:')) return { kind: 's3', ...s3PlaceOf(proofStore) }
  return { kind: 'folder', folder: pathOf(proofStore) }
}
