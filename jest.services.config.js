import alone from './jest.config.js'

/** The suite that needs no server, on the databases that are servers, and what tests the servers. */
const servers = { postgres: process.env.POSTGRES_URL, mariadb: process.env.MARIADB_URL }

/** Neither what only a file can do, nor what no database has a part in. */
const apart = [
  '/node_modules/',
  '\\.sqlite\\.test\\.ts$',
  '<rootDir>/test/(services|tidy)/',
  '<rootDir>/test/platform/(?!database/)',
  '<rootDir>/test/platform/database/(gate|poll|listener|sql)\\.test\\.ts$',
  '<rootDir>/test/story/(readme|command-errors)\\.test\\.ts$',
]

const { testTimeout: _, testPathIgnorePatterns: __, ...shared } = alone

export default {
  projects: [
    ...Object.entries(servers).map(([displayName, databaseServer]) => {
      if (!databaseServer) throw new Error(`there is no ${displayName}: run npm run test:services`)
      return {
        ...shared,
        displayName,
        globals: { databaseServer },
        testPathIgnorePatterns: apart,
      }
    }),
    { ...shared, displayName: 'services', testMatch: ['<rootDir>/test/services/**/*.test.ts'] },
  ],
  testTimeout: 60_000,
}
