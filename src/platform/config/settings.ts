import { join } from 'node:path'
import { mailServer } from './mail-server.ts'
import { s3PlaceOf } from './s3-place.ts'
import {
  bearerToken,
  databaseUrl,
  domainName,
  hex,
  hidden,
  integer,
  mailAddress,
  mailSender,
  networks,
  oneOf,
  portList,
  proxyUrl,
  seconds,
  secondsList,
  setting,
  text,
  trueOrFalse,
  urlOf,
  withoutPassword,
} from './setting.ts'

/** A folder, or a bucket; there is nothing in it that must not be seen. */
export function proofStoreUrl(value: string): string {
  const url = urlOf('file', 's3')(value)
  if (url.startsWith('s3:')) s3PlaceOf(url)
  return url
}

/** Every setting of Giro itself; the banks' adapters add their own credentials. */
export const settings = {
  dataDir: setting({
    env: 'DATA_DIR',
    default: './data',
    parse: text,
    help: 'folder for everything Giro keeps; relative paths are from the repository',
  }),
  databaseUrl: setting({
    env: 'DATABASE_URL',
    default: ({ dataDir }) => `sqlite:${join(`${dataDir}`, 'giro.db')}`,
    parse: databaseUrl,
    show: withoutPassword,
    help: 'the database: sqlite:FILE, postgres://USER:PASSWORD@HOST/NAME or mysql://…',
  }),
  databaseConnections: setting({
    env: 'DATABASE_CONNECTIONS',
    default: '10',
    parse: integer(2, 1000),
    help: 'connections to a database server, of all processes of one command together',
  }),
  proofStore: setting({
    env: 'PROOF_STORE',
    default: ({ dataDir }) => `file:${join(`${dataDir}`, 'proofs')}`,
    parse: proofStoreUrl,
    help: 'the archive of proofs: file:FOLDER or s3://BUCKET/PREFIX?region=REGION',
  }),
  secretKey: setting({
    env: 'SECRET_KEY',
    parse: hex(32),
    show: hidden,
    help: "32 bytes as hex that encrypt the routes' secrets; made in DATA_DIR when not given",
  }),
  host: setting({
    env: 'HOST',
    default: '127.0.0.1',
    parse: text,
    help: 'address to listen on; beyond loopback every bank needs its credentials',
  }),
  port: setting({
    env: 'PORT',
    default: '5000',
    parse: integer(0, 65_535),
    help: 'port to listen on; 0 takes a free one',
  }),
  samplePartnerPort: setting({
    env: 'SAMPLE_PARTNER_PORT',
    default: '5001',
    parse: integer(1, 65_535),
    help: 'port of the sample partner that start runs',
  }),
  intakeTimeoutMs: setting({
    env: 'INTAKE_TIMEOUT',
    default: '10',
    parse: seconds,
    help: 'seconds a bank has to send the body of a notice',
  }),
  spoolMaxBytes: setting({
    env: 'SPOOL_MAX_BYTES',
    default: '1073741824',
    parse: integer(1, Number.MAX_SAFE_INTEGER),
    help: 'bytes of proofs not yet archived above which intake answers 503',
  }),
  deliverySchedule: setting({
    env: 'DELIVERY_SCHEDULE',
    default: '0,5,300,1800,7200,18000,36000,50400,72000,86400',
    parse: secondsList,
    help: 'seconds before each attempt, each ±20 %; after the last a delivery has failed',
  }),
  deliveryTimeoutMs: setting({
    env: 'DELIVERY_TIMEOUT',
    default: '15',
    parse: seconds,
    help: 'seconds one attempt may take',
  }),
  deliveryLeaseMs: setting({
    env: 'DELIVERY_LEASE',
    default: '60',
    parse: seconds,
    help: 'seconds after which the work of a daemon that died is taken over',
  }),
  deliveryConcurrency: setting({
    env: 'DELIVERY_CONCURRENCY',
    default: '200',
    parse: integer(1, 10_000),
    help: 'attempts under way at once in one daemon',
  }),
  deliveryDisableAfterMs: setting({
    env: 'DELIVERY_DISABLE_AFTER',
    default: '432000',
    parse: seconds,
    help: 'seconds without a success after which a route that fails is disabled; 0 is never',
  }),
  outboundAllow: setting({
    env: 'OUTBOUND_ALLOW',
    parse: networks,
    help: 'networks that API routes may lead to though they are not public: 10.0.0.0/8,fd00::/8',
  }),
  outboundPorts: setting({
    env: 'OUTBOUND_PORTS',
    parse: portList,
    help: 'ports that API routes may lead to: 443,8443; without it all',
  }),
  outboundHttpsOnly: setting({
    env: 'OUTBOUND_HTTPS_ONLY',
    default: 'false',
    parse: trueOrFalse,
    help: 'true: API routes must begin with https://',
  }),
  outboundProxy: setting({
    env: 'OUTBOUND_PROXY',
    parse: proxyUrl,
    help: 'proxy through which API routes are reached by CONNECT: http://HOST:PORT',
  }),
  mailServer: setting({
    env: 'SMTP_URL',
    parse: mailServer,
    show: withoutPassword,
    help: 'mail server for e-mail routes: smtp://USER:PASSWORD@HOST:PORT, or smtps://…',
  }),
  smtpFrom: setting({
    env: 'SMTP_FROM',
    default: 'Giro <giro@localhost>',
    parse: mailSender,
    help: 'sender of e-mails',
  }),
  operatorEmail: setting({
    env: 'OPERATOR_EMAIL',
    parse: mailAddress,
    help: 'address that is told of routes that fail',
  }),
  smtpConnections: setting({
    env: 'SMTP_CONNECTIONS',
    default: '5',
    parse: integer(1, 100),
    help: 'connections to the mail server at once in one daemon',
  }),
  dkimDomain: setting({
    env: 'DKIM_DOMAIN',
    parse: domainName,
    help: 'domain that signs e-mails (DKIM), together with the next two',
  }),
  dkimSelector: setting({
    env: 'DKIM_SELECTOR',
    parse: domainName,
    help: 'name under which the key to verify with is found: SELECTOR._domainkey.DOMAIN',
  }),
  dkimKey: setting({
    env: 'DKIM_KEY',
    parse: text,
    help: 'file with the private RSA key as PEM',
  }),
  shutdownTimeoutMs: setting({
    env: 'SHUTDOWN_TIMEOUT',
    default: '20',
    parse: seconds,
    help: 'seconds to finish the work in hand when told to stop',
  }),
  metricsToken: setting({
    env: 'METRICS_TOKEN',
    parse: bearerToken,
    show: hidden,
    help: 'bearer token for /metrics; without it /metrics answers on loopback only',
  }),
  logLevel: setting({
    env: 'LOG_LEVEL',
    default: 'info',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    help: 'least severity that is logged; the road of a payment is info',
  }),
}
