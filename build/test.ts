/**
 * `npm test`: everything that can be tested on this machine. Installs a Chromium if there is none, builds the window and
 * the shell, runs vitest (domain, server on a real Postgres, window, shell, tree) and then the browser tests.
 *
 *   npm test              all of it
 *   npm test -- R5        only the vitest tests whose title holds R5
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWindow } from './bundle.ts';
import { bundleShell } from './bundle-shell.ts';
import { ensureChromium } from './chromium.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = `${root}test-results`;

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

function run(name: string, args: readonly string[], env: Record<string, string> = {}): number {
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  return status ?? 1;
}

const read = (file: string): unknown => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);

function vitest(filter: readonly string[]): Count {
  const file = `${results}/vitest.json`;
  const status = run('vitest', [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...filter.flatMap((title) => ['-t', title]),
  ]);
  const counted = read(file) as
    | { numPassedTests: number; numFailedTests: number; numPendingTests: number; numTodoTests: number }
    | undefined;
  if (!counted) return { passed: 0, failed: 1, skipped: 0 };
  const failed = counted.numFailedTests === 0 && status !== 0 ? 1 : counted.numFailedTests;
  return { passed: counted.numPassedTests, failed, skipped: counted.numPendingTests + counted.numTodoTests };
}

function browser(chromium: string): Count {
  const file = `${results}/playwright.json`;
  const status = run(
    'browser',
    ['node_modules/@playwright/test/cli.js', 'test', '-c', 'tests/playwright.config.ts', '--reporter=list,json'],
    {
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
      DROVER_CHROMIUM: chromium,
    },
  );
  const counted = read(file) as { stats: { expected: number; unexpected: number; flaky: number; skipped: number } } | undefined;
  if (!counted) return { passed: 0, failed: 1, skipped: 0 };
  const { expected, unexpected, flaky, skipped } = counted.stats;
  const failed = unexpected + flaky;
  return { passed: expected, failed: failed === 0 && status !== 0 ? 1 : failed, skipped };
}

const filter = process.argv.slice(2);
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const chromium = ensureChromium();
await bundleWindow();
await bundleShell();
const counts = [vitest(filter)];
if (filter.length === 0) counts.push(browser(chromium));
const sum = (key: keyof Count): number => counts.reduce((total, count) => total + count[key], 0);
process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
process.exit(sum('failed') > 0 || sum('passed') === 0 ? 1 : 0);
