import { defineConfig } from '@playwright/test';

/** Browser tests: the desk in a real Chromium, and the Electron shell where its binary is found. */
export default defineConfig({
  testDir: '.',
  globalSetup: './browser/postgres.setup.ts',
  outputDir: '../test-results/browser',
  timeout: 180_000,
  expect: { timeout: 15_000 },
  workers: 1,
  retries: 0,
  forbidOnly: true,
  projects: [
    { name: 'desk', testMatch: 'browser/**/*.e2e.ts' },
    { name: 'electron', testMatch: 'electron/e2e/**/*.e2e.ts' },
  ],
});
