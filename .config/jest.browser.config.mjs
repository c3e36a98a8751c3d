import base from './jest.config.mjs';

/** The page in a real Chromium, against the built server. One worker: a browser and a server at a time are enough. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/browser/**/*.browser.ts'],
  // Pictures for the README are taken on demand: SCREENSHOTS=1 npm run test:browser -- screenshots
  testPathIgnorePatterns: [
    ...base.testPathIgnorePatterns,
    ...(process.env.SCREENSHOTS === '1' ? [] : ['/screenshots\\.browser\\.ts$']),
  ],
  globalSetup: '<rootDir>/test/browser/support/global-setup.mjs',
  testTimeout: 45_000,
  maxWorkers: 1,
};
