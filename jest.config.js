/** Tests run as ES modules; swc takes the types away, as Node itself does at run time. */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // They need real servers, which may have to be installed: npm run test:services.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/services/',
    '\\.(services|postgres)\\.test\\.ts$',
  ],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  testEnvironment: 'node',
  testTimeout: 30_000,
  // Tests mostly wait: for programs they start, for commits, for servers.
  maxWorkers: '100%',
}
