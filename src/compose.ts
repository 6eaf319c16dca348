import { dirname } from 'node:path'
import type { DataSource } from 'typeorm'
import { z } from 'zod'
import * as access from './access/index.ts'
import * as delivery from './delivery/index.ts'
import * as event from './event/index.ts'
import * as intake from './intake/index.ts'
import * as ledger from './ledger/index.ts'
import { Spine1795219200000 } from './migrations/1795219200000-spine.ts'
import * as party from './party/index.ts'
import * as payment from './payment/index.ts'
import { systemClock } from './platform/clock.ts'
import {
  type Config,
  type Environment,
  loadSettings,
  pathOf,
  settings,
} from './platform/config/index.ts'
import {
  type Database,
  migrate,
  openDatabase,
  reader,
  requireCurrent,
  requireFile,
  sql,
  watchCommits,
  writer,
} from './platform/database/index.ts'
import { makeFolder } from './platform/folder.ts'
import {
  createApp,
  type Endpoint,
  endpoint,
  httpServer,
  mount,
  ok,
  operationsRouter,
} from './platform/http/index.ts'
import { createIds } from './platform/id.ts'
import type { Log } from './platform/log.ts'
import { createMetrics } from './platform/metric.ts'
import { UserError } from './platform/problem.ts'
import { systemRandom } from './platform/random.ts'
import { createVault, hasSecretKey, keptSecretKey, type Vault } from './platform/secret.ts'
import { type Service, service } from './platform/service.ts'
import * as proof from './proof/index.ts'

const tables = [
  access.apiKeys,
  party.partners,
  party.payers,
  party.routes,
  proof.proofs,
  proof.spool,
  proof.spoolTotals,
  payment.payments,
  ledger.accounts,
  ledger.transfers,
  delivery.deliveries,
  delivery.attempts,
  delivery.attemptTotals,
  event.events,
  intake.idempotencyKeys,
]

/** Where the operator API lives. */
const prefix = '/api/v1'

const schema = { tables, migrations: [Spine1795219200000] }

/** Every setting there is, the banks' own included. */
export const allSettings = { ...settings, ...intake.bankSettings }

/** TypeORM's own view of the database, for its command line and for migrations. */
export function dataSource(environment: Environment): DataSource {
  return writer(pathOf(loadSettings(settings, environment).databaseUrl), schema)
}

/** Creates or changes the tables; names the migrations it ran. */
export async function createDatabase(environment: Environment): Promise<string[]> {
  const { databaseUrl } = loadSettings(settings, environment)
  makeFolder(dirname(pathOf(databaseUrl)), 'DATA_DIR or DATABASE_URL')
  const source = dataSource(environment)
  await source.initialize()
  try {
    return await migrate(source)
  } finally {
    await source.destroy()
  }
}

export type Giro = Core & {
  api(): ReturnType<typeof composeApi>
  daemon(): Service
  close(): Promise<void>
}

/** Opens the database and puts the rooms together; the caller starts what listens or works. */
export async function openGiro(environment: Environment, log: Log): Promise<Giro> {
  const core = await composeCore(environment, log)
  return {
    ...core,
    api: () => composeApi(core),
    daemon: () => composeDaemon(core),
    close: () => core.database.close(),
  }
}

type Core = Awaited<ReturnType<typeof composeCore>>

/** What commands, API and daemon share. */
async function composeCore(environment: Environment, log: Log) {
  loadSettings(allSettings, environment)
  const config = loadSettings(settings, environment)
  if (config.deliveryLeaseMs <= config.deliveryTimeoutMs)
    throw new UserError('DELIVERY_LEASE must be longer than DELIVERY_TIMEOUT.')
  const tools = { clock: systemClock, newId: createIds(systemClock) }
  const database = await connect(config)
  const vault = await openVault(config, database)
  const archive = proof.folderStore(pathOf(config.proofStore))
  const inUse: party.InUse = {
    payer: payment.anyWithReference,
    partner: payment.anyWithAccount,
    route: delivery.anyOnRoute,
  }
  return {
    environment,
    config,
    log,
    tools,
    vault,
    database,
    archive,
    parties: party.createParties({ ...tools, database, vault, inUse }),
    keys: access.createKeys({ ...tools, database }),
    redeliver: (id: string) =>
      delivery.redeliver({ ...tools, database, onReopened: payment.reopen }, id),
  }
}

/** HTTP: the banks' doors, the operator API, and what the machines around Giro ask. */
function composeApi(core: Core) {
  const { config, database, archive, log, tools } = core
  const { host, port, intakeTimeoutMs: timeoutMs, spoolMaxBytes, metricsToken } = config
  const metrics = createMetrics()
  delivery.deliveryGauges(metrics, database, tools.clock)
  proof.spoolGauges(metrics, database)

  const banks = intake.openBanks(config, core.environment)
  const firstDelayMs = () => delivery.withJitter(config.deliverySchedule[0] ?? 0, systemRandom)
  const intakeDeps = { ...tools, database, log, metrics, firstDelayMs, spoolMaxBytes }
  const taking = intake.createIntake(intakeDeps)
  const checks = {
    database: () => database.write((db) => db.run(sql`UPDATE spool_totals SET id = 1`)),
    spool: () => spoolHasRoom(database, spoolMaxBytes),
    archive: () => archive.check(),
  }
  const app = createApp({
    log,
    newId: tools.newId,
    doors: intake.intakeDoors({ ...tools, intake: taking, banks, log, timeoutMs }),
    routers: [
      operationsRouter({ checks, metrics, metricsToken, log }),
      mount(apiEndpoints(core), core.keys.authenticate, prefix),
    ],
  })
  const requestTimeoutMs = timeoutMs * 2
  const stopTimeoutMs = config.shutdownTimeoutMs
  return httpServer(app, { host, port, portSetting: 'PORT', requestTimeoutMs, stopTimeoutMs })
}

function apiEndpoints({ database, archive, parties, redeliver }: Core): Endpoint[] {
  const endpoints: Endpoint[] = [
    ...party.partyEndpoints({ database, parties }),
    ...payment.paymentEndpoints(database),
    ...proof.proofEndpoints({ database, archive }),
    ...ledger.ledgerEndpoints(database),
    ...delivery.deliveryEndpoints({ database, redeliver }),
    descriptionEndpoint(() => endpoints),
  ]
  return endpoints
}

/** The payment processor: delivers what is due and archives what was spooled. */
function composeDaemon({ config, database, archive, log, tools, vault }: Core): Service {
  const { clock } = tools
  const { deliveryTimeoutMs: timeoutMs, smtpUrl, smtpFrom: from } = config
  const lanes = delivery.createLanes({
    ...tools,
    database,
    log,
    vault,
    random: systemRandom,
    channels: {
      api: delivery.apiChannel({ clock, timeoutMs }),
      email: delivery.emailChannel({ clock, smtpUrl, from, timeoutMs }),
    },
    onDone: (db, done) => payment.settle(db, done, tools),
    schedule: config.deliverySchedule,
    leaseMs: config.deliveryLeaseMs,
    concurrency: config.deliveryConcurrency,
  })
  const archiver = proof.createArchiver({ database, archive, log })
  const watch = watchCommits(database, log, () => {
    lanes.wake()
    archiver.wake()
  })
  return together([lanes, archiver, watch])
}

/** Refuses a key that does not open what is kept, before anybody is told nothing with it. */
async function openVault(config: Config, database: Database): Promise<Vault> {
  const sealed = await database.read(party.anySecret)
  const folder = pathOf(config.dataDir)
  if (sealed !== null && config.secretKey === null && !hasSecretKey(folder))
    throw new UserError(`The secrets of routes need the key in ${folder}/secret.key: put it back.`)
  const vault = createVault(config.secretKey ?? keptSecretKey(folder))
  if (sealed !== null && !opens(vault, sealed))
    throw new UserError('SECRET_KEY is not the key of this database: give it the one it had.')
  return vault
}

function opens(vault: Vault, sealed: string): boolean {
  try {
    vault.open(sealed)
    return true
  } catch {
    return false
  }
}

async function connect(config: Config): Promise<Database> {
  const file = pathOf(config.databaseUrl)
  requireFile(file)
  const write = writer(file, schema)
  await write.initialize()
  await requireCurrent(write)
  const read = reader(file, schema)
  await read.initialize()
  return openDatabase({ file, write, read, clock: systemClock })
}

async function spoolHasRoom(database: Database, maxBytes: number): Promise<void> {
  const { bytes } = await database.read(proof.spoolSize)
  if (bytes >= maxBytes) throw new Error(`the spool holds ${bytes} bytes`)
}

/** The API describes itself; the library that writes the description is loaded when it is asked. */
function descriptionEndpoint(all: () => Endpoint[]): Endpoint {
  return endpoint({
    method: 'get',
    path: '/openapi.json',
    summary: 'This description (OpenAPI 3.1)',
    scope: null,
    answer: { status: 200, description: 'the description', schema: z.looseObject({}) },
    refusals: [],
    async handle() {
      const { openApi } = await import('./platform/http/openapi.ts')
      const { intakePaths } = await import('./intake/documentation.ts')
      const info = { title: 'Giro', version: '1', prefix }
      return ok(openApi(all(), intakePaths(intake.banks), info))
    },
  })
}

/** Starts services in order and stops them in reverse. */
function together(services: Service[]): Service {
  return service({
    async start() {
      for (const one of services) await one.start()
    },
    async stop() {
      for (const one of services.toReversed()) await one.stop()
    },
  })
}
