// Far from UTC, by half an hour more and with summer time: whatever goes by the zone of the machine shows.
process.env.TZ = 'America/St_Johns';

/** Every test that needs no browser. Specs beside the code are unit tests; test/integration and test/e2e use the PostgreSQL that global-setup starts. */
export default {
  rootDir: '..',
  testEnvironment: 'node',
  testMatch: [
    '<rootDir>/src/**/*.spec.ts',
    '<rootDir>/libs/**/*.spec.ts',
    '<rootDir>/test/{integration,e2e,support}/**/*.spec.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['reflect-metadata'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
          target: 'es2023',
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', 'libs/**/*.ts', '!libs/web/**', '!libs/api-client/**', '!**/*.spec.ts'],
  testTimeout: 20_000,
  maxWorkers: 2,
  workerIdleMemoryLimit: '900MB',
};
