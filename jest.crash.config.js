import alone from './jest.config.js'

/** The crash campaign in full: on a file and on servers, which it kills as well. */
const servers = { postgres: process.env.POSTGRES_URL, mariadb: process.env.MARIADB_URL }

const { testTimeout: _, maxWorkers: __, ...shared } = alone
const project = { ...shared, testMatch: ['<rootDir>/test/crash/**/*.test.ts'] }

export default {
  projects: [
    { ...project, displayName: 'sqlite' },
    ...Object.entries(servers).map(([displayName, databaseServer]) => {
      if (!databaseServer) throw new Error(`there is no ${displayName}: run npm run test:crash`)
      return { ...project, displayName, globals: { databaseServer, databaseService: displayName } }
    }),
  ],
  testTimeout: 120_000,
  // Each campaign wants the machine for itself, and the servers too.
  maxWorkers: 1,
}
