import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { offlineShell } from './build/offline-shell.ts';
import { webManifest } from './build/web-manifest.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** One vitest project a runtime, so that `npx vitest run --project domain` needs neither a database nor a browser. */
const project = (name: string, more: Record<string, unknown> = {}) => ({
  extends: false as const,
  root: here('.'),
  test: { name, include: [`tests/${name}/**/*.test.{ts,tsx}`], ...more },
});

/** The window's version is that of the package; it is written nowhere else. */
const { version } = JSON.parse(readFileSync(here('package.json'), 'utf8')) as { readonly version: string };

export default defineConfig({
  root: here('renderer'),
  base: '/',
  define: { __DROVER_VERSION__: JSON.stringify(version) },
  publicDir: here('renderer/public'),
  plugins: [react(), webManifest(), offlineShell()],
  build: { outDir: here('dist/renderer'), emptyOutDir: true, target: 'chrome148', sourcemap: true, chunkSizeWarningLimit: 1600 },
  worker: { format: 'es' },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: { '^/(admin|auth|sync|series|files|audit|me)/|^/(audit|me)([?]|$)': `http://127.0.0.1:${process.env['PORT'] ?? '8790'}` },
  },
  test: {
    root: here('.'),
    projects: [
      project('domain', { testTimeout: 60_000 }),
      project('sync-server', {
        testTimeout: 30_000,
        hookTimeout: 60_000,
        globalSetup: 'tests/sync-server/postgres.setup.ts',
        maxWorkers: 2,
      }),
      project('sync', { testTimeout: 60_000, hookTimeout: 60_000, globalSetup: 'tests/sync-server/postgres.setup.ts', maxWorkers: 2 }),
      project('conformance', {
        testTimeout: 60_000,
        hookTimeout: 60_000,
        globalSetup: 'tests/sync-server/postgres.setup.ts',
        maxWorkers: 2,
      }),
      project('fuzz', { testTimeout: 60_000, hookTimeout: 60_000, globalSetup: 'tests/sync-server/postgres.setup.ts' }),
      project('attack', { testTimeout: 60_000, hookTimeout: 60_000, globalSetup: 'tests/sync-server/postgres.setup.ts', maxWorkers: 2 }),
      project('processes', { testTimeout: 240_000, hookTimeout: 120_000, maxWorkers: 1 }),
      project('renderer', { testTimeout: 90_000, hookTimeout: 60_000 }),
      project('electron', { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('tree', { testTimeout: 120_000, hookTimeout: 60_000 }),
    ],
  },
});
