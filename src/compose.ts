import { dirname } from 'node:path'
import type { DataSource } from 'typeorm'
import { z } from 'zod'
import * as access from './access/index.ts'
import * as delivery from './delivery/index.ts'
import * as event from './event/index.ts'
import * as intake from './intake/index.ts'
import * as ledger from './ledger/index.ts'
import { migrations } from './migrations/index.ts'
import * as party from './party/index.ts'
import * as payment from './payment/index.ts'
import { systemClock } from './platform/clock.ts'
import {
  type Config,
  dkimOf,
  type Environment,
  loadSettings,
  pathOf,
  placeOf,
  proofPlaceOf,
  settings,
} from './platform/config/index.ts'
import {
  connect,
  type Database,
  databaseCounters,
  migrate,
  requireFile,
  type Schema,
  sourceOf,
  sql,
  statusOf,
  withSource,
} from './platform/database/index.ts'
import { facts } from './platform/fact.ts'
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
import { leases } from './platform/lease.ts'
import type { Log } from './platform/log.ts'
import { createMetrics } from './platform/metric.ts'
import { createGuard, type Guard, networksOf } from './platform/outbound/index.ts'
import type { Own } from './platform/own.ts'
import { UserError } from './platform/problem.ts'
import { systemRandom } from './platform/random.ts'
import { openVault, rotateKey } from './platform/secret-key.ts'
import { type Service, together } from './platform/service.ts'
import type { Tools } from './platform/tools.ts'
import * as proof from './proof/index.ts'
import * as redelivery from './redelivery/index.ts'
import * as sms from './sms/index.ts'
import * as turn from './turn/index.ts'

const tables = [
  access.apiKeys,
  party.partners,
  party.payers,
  party.routes,
  party.oldSecrets,
  proof.proofs,
  proof.spool,
  proof.spoolTotals,
  payment.payments,
  ledger.accounts,
  ledger.transfers,
  delivery.deliveries,
  delivery.attempts,
  delivery.attemptTotals,
  delivery.smsMessages,
  turn.turns,
  delivery.lanes,
  delivery.warnings,
  redelivery.redeliveries,
  event.eventBatches,
  event.events,
  facts,
  leases,
  intake.idempotencyKeys,
]

/** Where the operator API lives. */
const prefix = '/api/v1'

/** The database as this code knows it. */
export const schema: Schema = {
  tables,
  migrations,
}

/** Every setting there is, the banks' own included. */
export const allSettings = { ...settings, ...intake.bankSettings, ...sms.smsSettings }

/** TypeORM's own view of the database, for its command line and for migrations. */
export function dataSource(environment: Environment): DataSource {
  return sourceOf(placeOf(loadSettings(settings, environment)), schema)
}

/** Creates or changes the tables; names the migrations it ran. */
export async function createDatabase(environment: Environment): Promise<string[]> {
  const place = placeOf(loadSettings(settings, environment))
  if (place.dialect === 'sqlite') makeFolder(dirname(place.file), 'DATA_DIR or DATABASE_URL')
  return withSource(place, schema, migrate)
}

/** What the database is, and whether its tables are those of this code. */
export async function databaseStatus(environment: Environment) {
  const place = placeOf(loadSettings(settings, environment))
  if (place.dialect === 'sqlite') requireFile(place.file)
  return withSource(place, schema, statusOf)
}

export type Giro = Core & {
  /** `metricsOfAll` prints what all processes have measured that share the port with this one. */
  api(given?: ApiOptions): ReturnType<typeof composeApi>
  daemon(): Service
  close(): Promise<void>
}

/** Opens the database and puts the rooms together; the caller starts what listens or works. */
export async function openGiro(environment: Environment, log: Log): Promise<Giro> {
  const { config, database } = await openDatabaseOf(environment)
  const core = await composeCore({ environment, log, config, database }).catch(async (error) => {
    await database.close()
    throw error
  })
  return {
    ...core,
    api: (given = {}) => composeApi(core, given),
    daemon: () => composeDaemon(core),
    close() {
      core.archive.close()
      return core.database.close()
    },
  }
}

/** Puts everything that is sealed in the database under another key. */
export async function rotateSecretKey(environment: Environment, newKey: Buffer) {
  const { config, database } = await openDatabaseOf(environment)
  try {
    return await rotateKey({ config, database, newKey, reseal: party.resealAll })
  } finally {
    await database.close()
  }
}

type ApiOptions = { metricsOfAll?: () => Promise<string> }

type Core = Awaited<ReturnType<typeof composeCore>>

async function openDatabaseOf(environment: Environment) {
  loadSettings(allSettings, environment)
  const config = loadSettings(settings, environment)
  if (config.deliveryLeaseMs <= config.deliveryTimeoutMs)
    throw new UserError('DELIVERY_LEASE must be longer than DELIVERY_TIMEOUT.')
  return { config, database: await connect(placeOf(config), schema) }
}

type Opened = { environment: Environment; log: Log; config: Config; database: Database }

/** What commands, API and daemon share. */
async function composeCore({ environment, log, config, database }: Opened) {
  const tools = { clock: systemClock, newId: createIds(systemClock) }
  const { vault, archive } = await openKept(config, database)
  const guard = guardOf(config)
  const smsProviders = sms.openProviders(environment)
  const inUse: party.InUse = {
    payer: payment.anyWithReference,
    partner: payment.anyWithAccount,
    route: delivery.anyOnRoute,
  }
  const lanes = delivery.keepLanes(tools)
  const { deliveryTimeoutMs: timeoutMs, deliveryLeaseMs: leaseMs } = config
  return {
    environment,
    config,
    log,
    tools,
    vault,
    guard,
    smsProviders,
    database,
    archive,
    lanes,
    parties: party.createParties({
      ...tools,
      database,
      vault,
      guard,
      inUse,
      lanes,
      leaseMs,
      onOrdered: delivery.reorder,
      onPartnerRemoved: (db, accountId) => access.revokeKeysOf(db, accountId, tools),
    }),
    resume: (accountId: string, routeId: string) =>
      delivery.resumeLane({ ...tools, database }, accountId, routeId),
    keys: access.createKeys({
      ...tools,
      database,
      requirePartner: (db, accountId) => party.partnerOf(db, accountId, 'refer'),
    }),
    redeliver: (own: Own, id: string) =>
      delivery.redeliver({ ...tools, database, onReopened: payment.reopen }, own, id),
    tryRoute: (accountId: string, id: string) => {
      const openChannels = () => channelsOf({ config, guard, smsProviders, tools })
      const deps = { ...tools, database, vault, openChannels, timeoutMs, leaseMs }
      return delivery.tryRoute(deps, accountId, id)
    },
    redeliveries: redelivery.createRedeliveries({ ...tools, database }),
  }
}

/** HTTP: the banks' doors, the operator API, and what the machines around Giro ask. */
function composeApi(core: Core, { metricsOfAll }: ApiOptions) {
  const news = event.createNews(core)
  const { config, database, archive, log, tools } = core
  const { host, port, intakeTimeoutMs: timeoutMs, spoolMaxBytes, metricsToken } = config
  const metrics = createMetrics()
  const { contentType } = metrics
  const print = metricsOfAll ?? (() => metrics.metrics())
  delivery.deliveryGauges(metrics, database, tools.clock)
  proof.spoolGauges(metrics, database)
  databaseCounters(metrics, database)

  const banks = intake.openBanks(config, core.environment)
  const firstDelayMs = (route: party.Route) => {
    const [first = 0] = party.policyOf(route).schedule ?? config.deliverySchedule
    return delivery.withJitter(first, systemRandom)
  }
  const intakeDeps = { ...tools, database, log, metrics, firstDelayMs, spoolMaxBytes }
  const taking = intake.createIntake(intakeDeps)
  const bankDoors = intake.intakeDoors({ ...tools, intake: taking, banks, log, timeoutMs })
  const take = delivery.createReports({ ...tools, database })
  const smsDoors = sms.reportDoors({ providers: core.smsProviders, take, metrics })
  const checks = {
    database: () => writable(database),
    spool: () => spoolHasRoom(database, spoolMaxBytes),
    archive: () => archive.check(),
  }
  const app = createApp({
    log,
    newId: tools.newId,
    doors: new Map([...bankDoors, ...smsDoors]),
    routers: [
      operationsRouter({ checks, metrics: { contentType, print }, metricsToken, log }),
      mount(apiEndpoints(core, news), core.keys.authenticate, prefix),
    ],
  })
  const requestTimeoutMs = timeoutMs * 2
  const stopTimeoutMs = config.shutdownTimeoutMs
  const options = { host, port, portSetting: 'PORT', requestTimeoutMs, stopTimeoutMs }
  const server = httpServer(app, options)
  // Who waits for news is answered first, so that the server need not wait for them.
  const running = together([server, news])
  return { ...running, url: server.url, measure: () => metrics.getMetricsAsJSON() }
}

function apiEndpoints(core: Core, news: event.News): Endpoint[] {
  const { database, archive, parties, lanes, redeliver, resume, tryRoute, redeliveries } = core
  const endpoints: Endpoint[] = [
    ...party.partyEndpoints({ database, parties, lanes }),
    ...payment.paymentEndpoints(database),
    ...proof.proofEndpoints({ database, archive }),
    ...ledger.ledgerEndpoints(database),
    ...delivery.deliveryEndpoints({ database, redeliver, resume, tryRoute, lanes }),
    ...event.eventEndpoints({ database, news, ownEvents: payment.ownEvents }),
    ...redelivery.redeliveryEndpoints({ database, redeliveries }),
    descriptionEndpoint(() => endpoints, core.smsProviders),
  ]
  return endpoints
}

/** The payment processor: delivers what is due and archives what was spooled. */
function composeDaemon(core: Core): Service {
  const { config, database, archive, log, tools, vault } = core
  const disableAfterMs = config.deliveryDisableAfterMs || Number.POSITIVE_INFINITY
  const lanes = delivery.createLanes({
    ...tools,
    database,
    log,
    vault,
    random: systemRandom,
    channels: channelsOf(core),
    onDone: (db, done) => payment.settle(db, done, tools),
    schedule: config.deliverySchedule,
    timeoutMs: config.deliveryTimeoutMs,
    leaseMs: config.deliveryLeaseMs,
    concurrency: config.deliveryConcurrency,
    rules: { ...delivery.defaultRules, disableAfterMs },
  })
  const archiver = proof.createArchiver({
    database,
    archive,
    log,
    othersHurry: lanes.hurry,
    maxBytes: config.spoolMaxBytes,
  })
  const numberer = event.createNumberer({ ...tools, database, log })
  const forgetter = party.createForgetter({ database, clock: tools.clock, log })
  const usher = delivery.createUsher({ database, clock: tools.clock, log })
  const parts = [lanes, usher, archiver, ...(database.commitsOverlap ? [numberer] : [])]
  const watch = database.watch(
    () => {
      for (const part of parts) part.wake()
    },
    (error) => log.error({ err: error }, 'the database could not be watched'),
  )
  const most = Math.max(1, Math.floor(config.deliveryConcurrency / 2))
  const redeliverer = redelivery.createRedeliverer({ ...tools, database, log, most })
  const { operatorEmail } = config
  const telling = { ...mailing(config), operatorEmail, disableAfterMs }
  const warner = delivery.createWarner({ ...tools, ...telling, database, log })
  return together([...parts, forgetter, redeliverer, warner, watch])
}

type Outward = { config: Config; guard: Guard; smsProviders: sms.Providers; tools: Tools }

/** The ways to reach a partner; what they need is loaded when they are first used. */
function channelsOf({ config, guard, smsProviders: { chosen }, tools: { clock } }: Outward) {
  const { deliveryLeaseMs: longestMs, outboundProxy: proxy } = config
  const sender = chosen && sms.createSender(chosen, { guard, proxy, longestMs })
  return {
    sms: delivery.smsChannel(sender),
    api: delivery.apiChannel({ clock, guard, proxy, longestMs }),
    email: delivery.emailChannel({ clock, ...mailing(config), longestMs }),
  }
}

/** How e-mails are sent, and signed. */
function mailing(config: Config) {
  const { mailServer: server, smtpFrom: from, smtpConnections: connections } = config
  const keyFile = config.dkimKey === null ? null : pathOf(config.dkimKey)
  return { server, from, connections, dkim: dkimOf({ ...config, keyFile }) }
}

/**
 * Where partners may be told. Where the sample data is, so may the sample partner at its one port
 * on this machine, whatever the settings say.
 */
function guardOf(config: Config): Guard {
  const { outboundAllow, outboundPorts: ports, outboundHttpsOnly: httpsOnly } = config
  const sample = party.samplePartnerOrigin(config.samplePartnerPort)
  return createGuard({
    allow: outboundAllow ?? networksOf([]),
    ports,
    httpsOnly,
    exempts: (origin) => origin === sample && party.hasSamplePartner(pathOf(config.dataDir)),
  })
}

/** What is kept beside the database, or sealed in it. */
async function openKept(config: Config, database: Database) {
  const vault = await openVault(config, database)
  return { vault, archive: await proof.openArchive(proofPlaceOf(config.proofStore)) }
}

async function writable(database: Database): Promise<void> {
  await database.write((db) => db.run(sql`UPDATE spool_totals SET id = 1`))
  await database.assertRoom()
}

async function spoolHasRoom(database: Database, maxBytes: number): Promise<void> {
  const { bytes } = await database.read(proof.spoolSize)
  if (bytes >= maxBytes) throw new Error(`the spool holds ${bytes} bytes`)
}

/** The API describes itself; the library that writes the description is loaded when it is asked. */
function descriptionEndpoint(all: () => Endpoint[], providers: sms.Providers): Endpoint {
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
      const { reportPaths } = await import('./sms/documentation.ts')
      const info = { title: 'Giro', version: '1', prefix }
      const doors = { ...intakePaths(intake.banks), ...reportPaths(providers) }
      return ok(openApi(all(), doors, info))
    },
  })
}
