import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Place } from '../../src/platform/database/index.ts'
import { temporaryFolder } from './folder.ts'
import { type Json, type Operator, operator } from './http.ts'
import { emptyPlace, sqlitePlace, urlOf } from './place.ts'
import { type Program, runManage, type Settings, startManage } from './program.ts'

/** A Giro of its own: a data folder, its settings, and the programs that run on it. */
export type Giro = {
  dataDir: string
  place: Place
  settings: Settings
  /** An API key with the scope admin. */
  key: string
  manage(...args: string[]): ReturnType<typeof runManage>
  /** What a command with `--json` prints; a command that fails is a failure of the test. */
  ask(...args: string[]): Promise<Json>
  /** Any other program, however it ends. */
  start(args: string[], more?: Settings): Program
  serve(more?: Settings, ...options: string[]): Promise<Serving>
  processor(more?: Settings): Promise<Program>
}

/** A running `serve`, and the operator API behind it with the key of that Giro. */
export type Serving = Program & { url: string; api: Operator }

/** It takes less than a second, but not on a machine where much else is done. */
const startLimitMs = 60_000

/** A database with all tables and one API key; nobody is registered yet and nothing runs. */
export async function openGiro(given: Settings = {}): Promise<Giro> {
  const { dataDir, place, settings } = await freshSettings(given)
  const manage = (...args: string[]) => runManage(args, settings)
  await successOf(manage('create-db'), 'create-db')
  const ask = async (...args: string[]) =>
    JSON.parse(await successOf(manage(...args, '--json'), args.join(' ')))
  const { key } = await ask('key', 'create', '--name', 'test', '--scope', 'admin')

  return {
    dataDir,
    place,
    settings,
    key,
    manage,
    ask,
    start: (args, more = {}) => startManage(args, { ...settings, ...more }),
    async serve(more = {}, ...options) {
      const program = startManage(['serve', ...options], { ...settings, ...more })
      const { url } = await program.said('listening', startLimitMs)
      return { ...program, url: `${url}`, api: operator(`${url}`, key) }
    },
    async processor(more = {}) {
      const program = startManage(['run-payment-processor'], { ...settings, ...more })
      await program.said('payment processor running', startLimitMs)
      return program
    },
  }
}

/** Settings of a Giro whose database and data folder are not there yet. */
export async function freshSettings(given: Settings = {}) {
  const dataDir = join(temporaryFolder(), 'data')
  const place = await placeFor(dataDir)
  return { dataDir, place, settings: { ...ownSettings(dataDir, place), ...given } }
}

/** On SQLite the database lies where it lies by default. */
async function placeFor(dataDir: string): Promise<Place> {
  const place = await emptyPlace()
  return place.dialect === 'sqlite' ? sqlitePlace(join(dataDir, 'giro.db')) : place
}

/** The partners of the tests are on this machine. */
export const toLoopback: Settings = { OUTBOUND_ALLOW: '127.0.0.0/8' }

/** What a server needs to be told; on SQLite the defaults are as good. */
function ownSettings(dataDir: string, place: Place): Settings {
  const own = { DATA_DIR: dataDir, PORT: '0', ...toLoopback }
  if (place.dialect === 'sqlite') return own
  return { ...own, DATABASE_URL: urlOf(place), SECRET_KEY: randomBytes(32).toString('hex') }
}

async function successOf(running: ReturnType<typeof runManage>, what: string): Promise<string> {
  const { code, stdout, stderr } = await running
  if (code !== 0) throw new Error(`manage ${what} exited with ${code}: ${stderr}`)
  return stdout
}

/** payer1 and partner1, as the first notice names them; partner1 has no route yet. */
export async function registerSampleParties(api: Operator): Promise<void> {
  await made(api.post('/payers', { id: 'payer1', name: 'Sample payer' }))
  await made(api.post('/partners', { account_id: 'partner1', name: 'Sample partner' }))
}

/** Gives a partner a route and gives back what the API said of it, the secret included. */
export async function addRoute(
  api: Operator,
  contactPath: string,
  { account = 'partner1', method = 'api', ordering = 'none' } = {},
): Promise<Json> {
  const route = { notify_method: method, contact_path: contactPath, ordering }
  return made(api.post(`/partners/${encodeURIComponent(account)}/routes`, route))
}

/** The body of a 201; any other answer is a failure of the test. */
export async function made(answer: ReturnType<Operator['post']>): Promise<Json> {
  const { status, json, bytes } = await answer
  if (status !== 201) throw new Error(`not made: ${status} ${bytes}`)
  return json
}
