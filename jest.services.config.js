import alone from './jest.config.js'

/** The suite that needs no server, on the databases that are servers, and what tests the servers. */
const databases = { postgres: process.env.POSTGRES_URL, mariadb: process.env.MARIADB_URL }
const { S3_URL: s3Server } = process.env

const ofServers = [
  '<rootDir>/test/services/**/*.test.ts',
  '<rootDir>/test/**/s3-*.services.test.ts',
]

const anyOf = (names) => `(${names})\\.test\\.ts$`

/** Neither what only a file can do, nor what no database has a part in. */
const apart = [
  '/node_modules/',
  '/s3-[\\w-]+\\.services\\.test\\.ts$',
  '\\.sqlite\\.test\\.ts$',
  '<rootDir>/test/(services|sms|tidy)/',
  '<rootDir>/test/platform/(?!database/)',
  '<rootDir>/test/platform/database/(counters|gate|poll|listener|sql)\\.test\\.ts$',
  '<rootDir>/test/delivery/channels/',
  `<rootDir>/test/delivery/${anyOf(
    'breaker|flights|gather|open-route|outlook|rate|recent|recovery|signature|slots',
  )}`,
  `<rootDir>/test/${anyOf('compose|event/(places|types)|intake/banks|party/contact')}`,
  `<rootDir>/test/${anyOf('proof/(folder-store|proof)|property/(ids|money)')}`,
  `<rootDir>/test/story/${anyOf('readme|command-errors')}`,
]

/** What only PostgreSQL does. */
const notOn = { postgres: [], mariadb: ['\\.postgres\\.test\\.ts$'] }

const { testTimeout: _, testPathIgnorePatterns: __, maxWorkers, ...shared } = alone

// Its own server finds who asks as AWS does, in the environment.
if (s3Server) {
  const { username, password } = new URL(s3Server)
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: username, AWS_SECRET_ACCESS_KEY: password })
}

/** A project whose server is not there fails, but only when one of its tests is to be run. */
const project = (displayName, server, more) => ({
  ...shared,
  displayName,
  globals: server,
  globalSetup: '<rootDir>/test/support/require-server.js',
  ...more,
})

export default {
  projects: [
    ...Object.entries(databases).map(([name, databaseServer]) =>
      project(name, { databaseServer }, { testPathIgnorePatterns: [...apart, ...notOn[name]] }),
    ),
    project('services', { s3Server }, { testMatch: ofServers }),
  ],
  testTimeout: 60_000,
  maxWorkers,
}
